import { describe, expect, it } from "vitest";
import { DeadMeter, isDigitalSilence } from "./silence";

describe("an open microphone", () => {
  it("is dead after a second of digital silence, and alive at the first sound", () => {
    const meter = new DeadMeter();
    const dead = [0, 500, 999, 1000, 9000].map((at) => meter.dead(at, true));
    expect(dead).toEqual([false, false, false, true, true]);
    expect(meter.dead(9100, false)).toBe(false);
    expect(meter.dead(9200, true)).toBe(false);
  });

  it("that shuts between words is believed dead ever later, four seconds at most", () => {
    const meter = new DeadMeter();
    const taken = [0, 20_000, 40_000, 60_000].map((at) => {
      meter.dead(at, true);
      const after = [1000, 2000, 4000].find((after) => meter.dead(at + after, true));
      meter.dead(at + 5000, false);
      return after;
    });
    expect(taken).toEqual([1000, 2000, 4000, 4000]);
  });

  it("that is silent for less than a second is not thought to shut", () => {
    const meter = new DeadMeter();
    for (const at of [0, 1000, 2000]) {
      meter.dead(at, true);
      meter.dead(at + 900, false);
    }
    meter.dead(5000, true);
    expect(meter.dead(6000, true)).toBe(true);
  });

  it("is not judged while it is closed, and begins anew when it opens", () => {
    const meter = new DeadMeter();
    meter.dead(0, true);
    expect(meter.dead(5000, null)).toBe(false);
    expect(meter.dead(5100, true)).toBe(false);
    expect(meter.dead(6100, true)).toBe(true);
  });
});

describe("digital silence", () => {
  it("is nothing but zeros: the faintest noise is a microphone that works", () => {
    expect(isDigitalSilence(new Float32Array(8))).toBe(true);
    expect(isDigitalSilence(new Float32Array([0, 0, 1 / 32768, 0]))).toBe(false);
  });
});
