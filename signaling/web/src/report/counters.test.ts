import { describe, expect, it } from "vitest";
import { difference, NO_TOTALS, type SlotTotals } from "./counters";

const first: SlotTotals = {
  ...NO_TOTALS,
  framesDecoded: 100,
  frameWidth: 320,
  frameHeight: 180,
  totalSamplesReceived: 480_000,
  concealedSamples: 480,
  silentConcealedSamples: 240,
  totalAudioEnergy: 0.5,
  jitterBufferDelay: 9600,
  jitterBufferEmittedCount: 240_000,
};

describe("one second of a receive slot", () => {
  it("is what the totals grew by, and the size as it is now", () => {
    const second: SlotTotals = {
      ...NO_TOTALS,
      framesDecoded: 125,
      frameWidth: 640,
      frameHeight: 360,
      totalSamplesReceived: 528_000,
      concealedSamples: 960,
      silentConcealedSamples: 240,
      totalAudioEnergy: 0.75,
      jitterBufferDelay: 9600 + 48_000 * 0.06,
      jitterBufferEmittedCount: 288_000,
    };
    const counts = difference(first, second);
    expect(counts).toMatchObject({
      frames_decoded: 25,
      width: 640,
      height: 360,
      samples: 48_000,
      concealed: 480,
      silent_concealed: 0,
      energy: 0.25,
    });
    expect(counts.jitter_buffer_ms).toBeCloseTo(60, 6);
  });

  it("has no jitter buffer when nothing was emitted", () => {
    expect(difference(first, first).jitter_buffer_ms).toBeNull();
  });

  it("starts from zero on a new connection", () => {
    const anew = { ...NO_TOTALS, framesDecoded: 7, totalSamplesReceived: 480 };
    expect(difference(first, anew)).toMatchObject({ frames_decoded: 7, samples: 480, concealed: 0 });
  });
});
