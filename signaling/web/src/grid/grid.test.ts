import { describe, expect, it } from "vitest";
import { arrange, type Place } from "./grid";

/** Stages as they are left by header, controls and the chair's panel on the screens we promise. */
const STAGES = [
  [1264, 660],
  [900, 660],
  [1008, 620],
  [640, 620],
  [752, 880],
  [752, 460],
  [1164, 680],
  [624, 575],
  [320, 400],
] as const;

const within = (place: Place, width: number, height: number) =>
  place.x >= -0.01 &&
  place.y >= -0.01 &&
  place.x + place.width <= width + 0.01 &&
  place.y + place.height <= height + 0.01;

const overlap = (a: Place, b: Place) =>
  a.x < b.x + b.width - 0.01 &&
  b.x < a.x + a.width - 0.01 &&
  a.y < b.y + b.height - 0.01 &&
  b.y < a.y + a.height - 0.01;

describe("the grid", () => {
  it.each(STAGES)("shows everyone within %i x %i, 16:9, none over another", (width, height) => {
    for (const large of [0, 1, 2, 3])
      for (let small = 0; small <= 101; small++) {
        const { large: big, small: rest } = arrange(width, height, large, small);
        expect([big.length, rest.length]).toEqual([large, small]);
        const all = [...big, ...rest];
        const outside = all.filter((place) => !within(place, width, height));
        expect(outside, `${large} + ${small}`).toEqual([]);
        const misshapen = all.filter((place) => Math.abs(place.width / place.height - 16 / 9) > 1e-6);
        expect(misshapen).toEqual([]);
        if (small % 10 === 0)
          expect(all.some((a, i) => all.slice(i + 1).some((b) => overlap(a, b)))).toBe(false);
      }
  });

  it("shows the large ones larger, as soon as there is anything to gain", () => {
    for (const [width, height] of STAGES)
      for (let small = 3; small <= 60; small++) {
        const { large, small: rest } = arrange(width, height, 1, small);
        expect(large[0]?.width).toBeGreaterThan(1.5 * (rest[0]?.width ?? 0));
      }
  });

  it("shows the speaker at QVGA's width or more beside forty, and the chamber too, on every promised screen", () => {
    for (const large of [1, 2])
      for (const [width, height] of STAGES.slice(0, -1))
        expect(arrange(width, height, large, 40).large[0]?.width).toBeGreaterThanOrEqual(320);
  });

  it("keeps forty thumbnails large enough to make out a face", () => {
    expect(arrange(1264, 660, 0, 41).small[0]?.width).toBeGreaterThan(150);
    expect(arrange(752, 880, 0, 41).small[0]?.width).toBeGreaterThan(130);
    expect(arrange(1264, 660, 1, 40).small[0]?.width).toBeGreaterThan(100);
  });

  it("does not fail on a stage that is not laid out yet", () => {
    const { large, small } = arrange(0, 0, 1, 12);
    for (const place of [...large, ...small])
      for (const value of Object.values(place)) expect(Number.isFinite(value)).toBe(true);
  });
});
