import { describe, expect, it } from "vitest";
import type { ClockView } from "../protocol";
import { clockKey, clockSentence } from "./clock";
import { en } from "./en";
import { sv } from "./sv";

const clock = (over: Partial<ClockView> = {}): ClockView => ({
  clock: { clock: "reconnect", participant: 7 },
  since_ms: 0,
  until_ms: 300_000,
  extended: false,
  ...over,
});

describe("a clock", () => {
  it("says whom it waits for and how long, and that it has run out", () => {
    expect(clockSentence(sv, clock(), "Ledamot 7", 78_000)).toBe("Väntar på Ledamot 7: 3:42 kvar");
    expect(clockSentence(en, clock(), "Ledamot 7", 300_000)).toBe("The time to wait for Ledamot 7 is up");
    const adjournment = clock({ clock: { clock: "adjournment" } });
    expect(clockSentence(sv, adjournment, "", 0)).toBe("Ajourneringen: 5:00 kvar");
    expect(clockSentence(sv, adjournment, "", 400_000)).toBe("Ajourneringstiden är ute");
  });

  it("is one person's", () => {
    expect(clockKey(clock())).not.toBe(clockKey(clock({ clock: { clock: "reconnect", participant: 8 } })));
  });
});
