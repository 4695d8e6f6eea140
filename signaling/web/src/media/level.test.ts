import { describe, expect, it } from "vitest";
import { level, onMeter, SILENCE } from "./level";

describe("the level of sound", () => {
  it("is 127 for silence and 0 for full scale", () => {
    expect(level(new Float32Array(480))).toBe(SILENCE);
    expect(level(new Float32Array(480).fill(1))).toBe(0);
    expect(level(new Float32Array(0))).toBe(SILENCE);
  });

  it("falls by 20 dB for a tenth of the amplitude", () => {
    expect(level(new Float32Array(480).fill(0.1))).toBe(20);
    expect(level(new Float32Array(480).fill(0.01))).toBe(40);
  });

  it("moves the meter between a quiet room and a loud voice", () => {
    expect([127, 60, 35, 10, 0].map(onMeter)).toEqual([0, 0, 0.5, 1, 1]);
  });
});
