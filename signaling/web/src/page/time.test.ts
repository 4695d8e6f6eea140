import { describe, expect, it } from "vitest";
import { countdown, past, timeOfDay } from "./time";

const at = (day: number, hours: number, minutes: number, seconds = 0) =>
  new Date(2026, 10, day, hours, minutes, seconds).getTime();

describe("times", () => {
  it("are hours and minutes here", () => {
    expect(timeOfDay(at(26, 9, 5, 59))).toBe("09:05");
  });

  it("that somebody writes have been: today, or yesterday past midnight", () => {
    expect(past("18:40", at(26, 19, 2))).toBe(at(26, 18, 40));
    expect(past("18:40", at(26, 18, 40))).toBe(at(26, 18, 40));
    expect(past("23:55", at(26, 0, 10))).toBe(at(25, 23, 55));
  });

  it("that have not been yet are not taken for yesterday's", () => {
    expect(past("18:41", at(26, 18, 40, 30))).toBeNull();
    expect(past("23:55", at(26, 18, 40))).toBeNull();
  });

  it("count down to nothing and stay there", () => {
    expect([300_000, 299_001, 61_000, 1, 0, -5000].map((left) => countdown(left, 0))).toEqual([
      "5:00",
      "5:00",
      "1:01",
      "0:01",
      "0:00",
      "0:00",
    ]);
  });
});
