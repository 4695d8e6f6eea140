import { describe, expect, it } from "vitest";
import { batteryOf, networkOf } from "./device";

describe("the device", () => {
  it("has so many percent left", () => {
    expect(batteryOf({ level: 0.194, charging: false })).toEqual({ percent: 19, charging: false });
    expect(batteryOf({ level: 1.2, charging: true })).toEqual({ percent: 100, charging: true });
  });

  it("is connected by what the browser says, if it says", () => {
    expect(["wifi", "cellular", "ethernet", "bluetooth"].map(networkOf)).toEqual([
      "wifi",
      "cellular",
      "ethernet",
      "other",
    ]);
    expect([undefined, "unknown", "none"].map(networkOf)).toEqual([null, null, null]);
  });
});
