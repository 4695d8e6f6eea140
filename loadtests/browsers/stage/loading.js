// What a page is waiting for while it loads: said when somebody does not come in, since nothing else tells the network, the
// server and the browser apart.

/**
 * Watches a page from now on.
 * @param {object} page of Playwright
 * @returns {() => string} where it is, what it has asked for without an answer, and what went wrong
 */
export function watchLoading(page) {
  const unanswered = new Set();
  const faults = [];
  page.on('request', (request) => unanswered.add(request));
  page.on('requestfinished', (request) => unanswered.delete(request));
  page.on('requestfailed', (request) => {
    unanswered.delete(request);
    faults.push(`${request.failure()?.errorText}: ${request.url()}`);
  });
  page.on('pageerror', (error) => faults.push(String(error)));
  page.on('crash', () => faults.push('the page crashed'));
  return () => {
    const waitsFor = [...unanswered].map((request) => request.url());
    return `at ${page.url()}; without an answer: ${waitsFor.join(' ') || 'nothing'}; faults: ${faults.join(', ') || 'none'}`;
  };
}
