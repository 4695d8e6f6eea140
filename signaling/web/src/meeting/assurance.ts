import type { Assurance } from "../protocol";

/** From the least to the most sure of who somebody is. */
const LEVELS: readonly Assurance[] = ["open", "loa2", "loa3", "loa4"];

/** Whether `shown` is as sure as `needed`. */
export function suffices(shown: Assurance, needed: Assurance): boolean {
  return LEVELS.indexOf(shown) >= LEVELS.indexOf(needed);
}

/** The surer of the two. */
export function surer(a: Assurance, b: Assurance): Assurance {
  return suffices(a, b) ? a : b;
}
