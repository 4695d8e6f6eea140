import { setTimeout as pause } from 'node:timers/promises';

const USUALLY_MS = 100;

/**
 * Asks again and again until the answer is true, and returns it with how long it took in milliseconds.
 * @param {string} what the expectation, for the error
 * @param {() => any} probe may be async; what it throws counts as "not yet"
 * @param {{ within: number, every?: number, last?: () => any }} limits deadline and pace in milliseconds; what to say if
 *   it passes
 */
export async function until(what, probe, { within, every = USUALLY_MS, last }) {
  const start = performance.now();
  let fault;
  for (;;) {
    try {
      const answer = await probe();
      fault = undefined;
      if (answer) return { answer, took: performance.now() - start };
    } catch (error) {
      fault = error;
    }
    if (performance.now() - start > within) {
      const said = fault ? String(fault) : last ? JSON.stringify(await last()) : '';
      throw new Error(`not within ${within} ms: ${what}. ${said}`);
    }
    await pause(every);
  }
}
