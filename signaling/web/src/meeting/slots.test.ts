import { describe, expect, it } from "vitest";
import { slotsFor } from "./slots";

describe("receive slots", () => {
  it("are enough for everyone and a newcomer", () => {
    for (let others = 0; others <= 120; others++) expect(slotsFor(others)).toBeGreaterThan(others);
  });

  it("grow in steps, not with each newcomer", () => {
    const sizes = new Set(Array.from({ length: 101 }, (_, others) => slotsFor(others)));
    expect(sizes.size).toBeLessThan(12);
  });

  it("never exceed what the relay has", () => {
    expect(slotsFor(500)).toBe(128);
  });
});
