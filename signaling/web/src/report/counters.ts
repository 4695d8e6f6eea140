import type { SlotReport } from "../protocol";

/** The totals of one receive slot, as getStats gives them; what a browser leaves out is 0. */
export type SlotTotals = {
  framesDecoded: number;
  frameWidth: number;
  frameHeight: number;
  totalSamplesReceived: number;
  concealedSamples: number;
  silentConcealedSamples: number;
  totalAudioEnergy: number;
  /** In seconds, over all samples emitted. */
  jitterBufferDelay: number;
  jitterBufferEmittedCount: number;
  /** The same of the picture, over all frames emitted. */
  pictureBufferDelay: number;
  pictureBufferEmittedCount: number;
  /** estimatedPlayoutTimestamp: which moment of the sender's clock is played now, in milliseconds; null: not told. */
  soundPlayout: number | null;
  picturePlayout: number | null;
};

/** What only grows. */
type Counter = {
  [Key in keyof SlotTotals]: SlotTotals[Key] extends number ? Key : never;
}[keyof SlotTotals];

export type SlotCounts = Omit<
  SlotReport,
  "slot" | "frozen_ms" | "black" | "still" | "playing" | "lip_sync_ms"
>;

/** One second of a slot: `now` minus `before`. Totals that went backwards belong to a new connection and start from zero. */
export function difference(before: SlotTotals, now: SlotTotals): SlotCounts {
  const grown = (key: Counter) => since(before[key], now[key]);
  const emitted = grown("jitterBufferEmittedCount");
  return {
    frames_decoded: grown("framesDecoded"),
    width: now.frameWidth,
    height: now.frameHeight,
    samples: grown("totalSamplesReceived"),
    concealed: grown("concealedSamples"),
    silent_concealed: grown("silentConcealedSamples"),
    energy: grown("totalAudioEnergy"),
    jitter_buffer_ms: emitted > 0 ? (grown("jitterBufferDelay") / emitted) * 1000 : null,
  };
}

export const NO_TOTALS: SlotTotals = {
  framesDecoded: 0,
  frameWidth: 0,
  frameHeight: 0,
  totalSamplesReceived: 0,
  concealedSamples: 0,
  silentConcealedSamples: 0,
  totalAudioEnergy: 0,
  jitterBufferDelay: 0,
  jitterBufferEmittedCount: 0,
  pictureBufferDelay: 0,
  pictureBufferEmittedCount: 0,
  soundPlayout: null,
  picturePlayout: null,
};

/** How much a total grew. */
export function since(before: number, now: number): number {
  return now >= before ? now - before : now;
}
