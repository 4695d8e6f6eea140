import { describe, expect, it } from "vitest";
import { backoff } from "./backoff";

describe("waiting before a new connection", () => {
  it("starts short and doubles", () => {
    expect([0, 1, 2, 3].map((n) => backoff(n, 0))).toEqual([100, 200, 400, 800]);
  });

  it("never exceeds two seconds, however many attempts", () => {
    for (const attempt of [4, 10, 1000, 1e9])
      for (const random of [0, 0.5, 0.999999]) {
        expect(backoff(attempt, random)).toBeLessThanOrEqual(2000);
        expect(backoff(attempt, random)).toBeGreaterThanOrEqual(1000);
      }
  });

  it("spreads pages that broke at the same moment", () => {
    expect(backoff(5, 0)).not.toBe(backoff(5, 0.5));
  });
});
