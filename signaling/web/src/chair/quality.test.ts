import { describe, expect, it } from "vitest";
import type { AlertView, Level } from "../protocol";
import { council, quality as measured, seat } from "../../tests/council";
import { byUrgency, standing, worst } from "./quality";

const quality = (...levels: Level[]) => ({
  participant: 1,
  directions: levels.map((level) => ({ direction: "seen" as const, level, cause: null, figure: null })),
});

describe("how somebody stands", () => {
  it("is the worst direction, and unknown is not good", () => {
    expect(worst(quality("green", "red", "amber"))).toBe("red");
    expect(worst(quality("green", "unknown"))).toBe("unknown");
    expect(worst(quality("suspended", "suspended"))).toBe("suspended");
    expect(worst(undefined)).toBe("unknown");
  });
});

describe("how all stand", () => {
  it("counts whoever serves or is inside, and not whom the chamber's devices stand for", () => {
    const people = [
      seat(1),
      seat(3),
      seat(5, { attendance: "away" }),
      seat(6, { attendance: "away", in_chamber: true }),
      seat(7, { attendance: "lobby", serves: null }),
      seat(8, { attendance: "lost" }),
    ];
    const all = standing(council(0, { participants: people }), measured(3));
    expect(all).toEqual(["green", "green", "unknown", "unknown"]);
  });
});

describe("alerts", () => {
  it("come red first, then what nobody has seen, then the oldest", () => {
    const alert = (id: number, level: Level, acknowledged: boolean, since_ms: number) =>
      ({ id, level, acknowledged, since_ms }) as AlertView;
    const sorted = byUrgency([
      alert(1, "amber", false, 1),
      alert(2, "red", true, 2),
      alert(3, "red", false, 4),
      alert(4, "red", false, 3),
    ]);
    expect(sorted.map((a) => a.id)).toEqual([4, 3, 2, 1]);
  });
});
