import { describe, expect, it } from "vitest";
import { FreezeMeter } from "./freeze";

/** A meter that has been shown `frames` frames at `interval` ms, and the time of the last. */
function running(interval: number, frames = 40): { meter: FreezeMeter; at: number } {
  const meter = new FreezeMeter(0);
  let at = 0;
  for (let i = 0; i < frames; i++) meter.shown((at += interval));
  meter.take(at);
  return { meter, at };
}

describe("a frozen picture", () => {
  it("is not one that moves evenly, slow or fast", () => {
    for (const interval of [20, 40, 66, 100, 200]) {
      const { meter, at } = running(interval);
      for (let i = 1; i <= 20; i++) meter.shown(at + i * interval);
      expect(meter.take(at + 20 * interval)).toBe(0);
    }
  });

  it("has a gap of at least max(3 d, d + 150 ms)", () => {
    const cases = [
      { interval: 40, limit: 190 },
      { interval: 100, limit: 300 },
    ];
    for (const { interval, limit } of cases) {
      const under = running(interval);
      under.meter.shown(under.at + limit - 1);
      expect(under.meter.take(under.at + limit - 1)).toBe(0);
      const over = running(interval);
      over.meter.shown(over.at + limit);
      expect(over.meter.take(over.at + limit)).toBe(limit);
    }
  });

  it("counts while it goes on, and each millisecond once", () => {
    const { meter, at } = running(40);
    expect(meter.take(at + 1000)).toBe(1000);
    expect(meter.take(at + 2000)).toBe(1000);
    meter.shown(at + 2500);
    expect(meter.take(at + 2500)).toBe(500);
    expect(meter.take(at + 2550)).toBe(0);
  });

  it("is one that never came", () => {
    const meter = new FreezeMeter(0);
    expect(meter.take(200)).toBe(0);
    expect(meter.take(1000)).toBe(1000);
  });

  it("is not one the page was too busy to watch frame by frame", () => {
    const { meter, at } = running(40);
    meter.shown(at + 400, 10);
    expect(meter.take(at + 400)).toBe(0);
  });

  it("is not judged while the page is hidden", () => {
    const { meter, at } = running(40);
    meter.skip(at + 5000);
    expect(meter.take(at + 5000)).toBe(0);
    expect(meter.take(at + 6000)).toBe(1000);
  });
});
