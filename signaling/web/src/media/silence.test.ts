import { describe, expect, it } from "vitest";
import { DeadMeter, isDigitalSilence } from "./silence";

describe("an open microphone", () => {
  it("is dead after three seconds of digital silence, and alive at the first sound", () => {
    const meter = new DeadMeter();
    expect([0, 1000, 2999, 3000, 9000].map((at) => meter.dead(at, true))).toEqual([
      false,
      false,
      false,
      true,
      true,
    ]);
    expect(meter.dead(9100, false)).toBe(false);
    expect(meter.dead(9200, true)).toBe(false);
    expect(meter.dead(12_199, true)).toBe(false);
  });

  it("is not judged while it is closed, and begins anew when it opens", () => {
    const meter = new DeadMeter();
    meter.dead(0, true);
    expect(meter.dead(5000, null)).toBe(false);
    expect(meter.dead(5100, true)).toBe(false);
    expect(meter.dead(8100, true)).toBe(true);
  });
});

describe("digital silence", () => {
  it("is nothing but zeros: the faintest noise is a microphone that works", () => {
    expect(isDigitalSilence(new Float32Array(8))).toBe(true);
    expect(isDigitalSilence(new Float32Array([0, 0, 1 / 32768, 0]))).toBe(false);
  });
});
