import type { Level } from "../protocol";

/** From the least to the most that asks for attention. Unknown is never taken for good. */
const BY_CONCERN: readonly Level[] = ["suspended", "green", "unknown", "amber", "red"];

export function moreConcerning(a: Level, b: Level): Level {
  return BY_CONCERN.indexOf(b) > BY_CONCERN.indexOf(a) ? b : a;
}
