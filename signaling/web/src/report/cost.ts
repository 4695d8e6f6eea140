/** What the page's measuring is called in the browser's own performance timeline. */
export const MEASURING = "lika.measuring";

/**
 * Does a piece of the measuring and tells the browser's performance timeline how long it took, for whoever watches it
 * (developer tools, a PerformanceObserver). Nothing is kept: a meeting is long.
 */
export function timed<T>(measure: () => T): T {
  const start = performance.now();
  try {
    return measure();
  } finally {
    performance.measure(MEASURING, { start, end: performance.now() });
    performance.clearMeasures(MEASURING);
  }
}
