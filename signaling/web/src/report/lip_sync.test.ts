import { describe, expect, it } from "vitest";
import { difference, NO_TOTALS, type SlotTotals } from "./counters";
import { lipSync } from "./lip_sync";

/** A second of 25 frames and of sound without a gap. */
const second: SlotTotals = {
  ...NO_TOTALS,
  framesDecoded: 25,
  totalSamplesReceived: 48_000,
  jitterBufferDelay: 48_000 * 0.06,
  jitterBufferEmittedCount: 48_000,
};
const measured = (over: Partial<SlotTotals>) => {
  const now = { ...second, ...over };
  return lipSync(NO_TOTALS, now, difference(NO_TOTALS, now));
};

describe("sound against picture", () => {
  it("is ahead when its moment is the later one of the sender's clock", () => {
    expect(measured({ soundPlayout: 1_000_090, picturePlayout: 1_000_000 })).toBe(90);
    expect(measured({ soundPlayout: 1_000_000, picturePlayout: 1_000_185 })).toBe(-185);
  });

  it("is ahead by what the picture waits longer, where the browser does not tell its moments", () => {
    const waits = (seconds: number) => ({ pictureBufferDelay: 25 * seconds, pictureBufferEmittedCount: 25 });
    expect(measured(waits(0.1))).toBeCloseTo(40, 6);
    expect(measured({ ...waits(0.03), soundPlayout: 1_000_000 })).toBeCloseTo(-30, 6);
  });

  it("is not known without both, or from moments of two clocks", () => {
    expect(measured({})).toBeNull();
    const moments = { soundPlayout: 1_000_050, picturePlayout: 1_000_000 };
    expect(measured({ ...moments, framesDecoded: 0 })).toBeNull();
    expect(measured({ ...moments, concealedSamples: 48_000 })).toBeNull();
    expect(measured({ soundPlayout: 1_000_000, picturePlayout: 0 })).toBeNull();
  });
});
