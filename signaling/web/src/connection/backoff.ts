/** The first wait, in milliseconds. */
const FIRST = 200;
/** The longest wait: after a server restart every page should be back within seconds. */
const LONGEST = 2000;

/**
 * How long to wait before attempt number `attempt` (0: the first after a break), in milliseconds. Doubles up to two
 * seconds, then spread over its upper half so that forty pages do not knock at once; `random` is in [0, 1).
 */
export function backoff(attempt: number, random: number): number {
  const whole = Math.min(LONGEST, FIRST * 2 ** Math.min(attempt, 16));
  return whole / 2 + (whole / 2) * random;
}
