import type { SlotCounts, SlotTotals } from "./counters";
import { since } from "./counters";

/** Apart by more than this, sound and picture were not measured by one clock, in milliseconds. */
const IMPLAUSIBLE = 5000;

/**
 * How far the sound of a slot is ahead of its picture, in milliseconds; negative: behind; null: not known.
 *
 * Where the browser says which moment of the sender's clock it plays now (`estimatedPlayoutTimestamp`, from the RTCP
 * sender reports: Chromium, Safari), it is what the sound's moment is later than the picture's. Where it does not
 * (Firefox), it is how much longer the picture waits in its jitter buffer than the sound: what the browser itself
 * adds, on the assumption that both took equally long to the page. Nothing is said of a second without both.
 */
export function lipSync(before: SlotTotals, now: SlotTotals, counts: SlotCounts): number | null {
  if (counts.frames_decoded === 0 || counts.samples - counts.concealed <= 0) return null;
  const ahead = byPlayout(now) ?? byBuffers(before, now, counts);
  return ahead === null || Math.abs(ahead) > IMPLAUSIBLE ? null : ahead;
}

function byPlayout({ soundPlayout, picturePlayout }: SlotTotals): number | null {
  return soundPlayout === null || picturePlayout === null ? null : soundPlayout - picturePlayout;
}

function byBuffers(before: SlotTotals, now: SlotTotals, counts: SlotCounts): number | null {
  const emitted = since(before.pictureBufferEmittedCount, now.pictureBufferEmittedCount);
  if (emitted === 0 || counts.jitter_buffer_ms === null) return null;
  return (
    (since(before.pictureBufferDelay, now.pictureBufferDelay) / emitted) * 1000 - counts.jitter_buffer_ms
  );
}
