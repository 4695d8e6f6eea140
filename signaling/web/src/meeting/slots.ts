/** The relay has no more (sfu/src/limits.rs, MAX_SLOTS). */
const MOST = 128;
/** Offered while the size of the meeting is not known (the lobby shows oneself alone): covers a usual meeting. */
const AT_FIRST = 24;
/** Offered beyond need, so that a newcomer takes one without a new offer. */
const SPARE = 2;
const STEP = 8;

/** How many receive slots to offer when `others` take part besides oneself. */
export function slotsFor(others: number): number {
  return Math.min(MOST, Math.max(AT_FIRST, Math.ceil((others + SPARE) / STEP) * STEP));
}
