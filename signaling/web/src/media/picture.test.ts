import { describe, expect, it } from "vitest";
import { brightness, isBlack, isCovered, SAMPLE_HEIGHT, SAMPLE_WIDTH, StillnessMeter } from "./picture";

function picture(luma: (i: number) => number): Uint8ClampedArray {
  const pixels = new Uint8ClampedArray(SAMPLE_WIDTH * SAMPLE_HEIGHT * 4);
  for (let i = 0; i < pixels.length / 4; i++)
    pixels.fill(luma(i), i * 4, i * 4 + 3).fill(255, i * 4 + 3, i * 4 + 4);
  return pixels;
}

describe("a picture", () => {
  it("is black when it is black, or dark noise", () => {
    expect(isBlack(brightness(picture(() => 0)))).toBe(true);
    expect(isBlack(brightness(picture((i) => 8 + (i % 9))))).toBe(true);
  });

  it("is not black for a dark room with a lit face", () => {
    expect(isBlack(brightness(picture((i) => (i % 20 === 0 ? 120 : 10))))).toBe(false);
  });

  it("is covered when it is one colour all over", () => {
    expect(isCovered(brightness(picture(() => 180)))).toBe(true);
    expect(isCovered(brightness(picture((i) => 100 + (i % 32) * 3)))).toBe(false);
  });

  it("is still after three seconds without the least change", () => {
    const meter = new StillnessMeter();
    const same = picture((i) => i % 200);
    expect([0, 1000, 2999, 3000].map((at) => meter.still(at, same))).toEqual([false, false, false, true]);
    expect(
      meter.still(
        3500,
        picture((i) => (i + 1) % 200),
      ),
    ).toBe(false);
    expect(meter.still(4000, same)).toBe(false);
  });
});
