import { expect, it } from "vitest";
import { inTurn, TURNS } from "./turn";

it("looks at each picture once a second, and at few of them at a time", () => {
  for (const count of [0, 1, 19, 40, 101]) {
    const all = Array.from({ length: count }, (_, i) => i);
    const turns = Array.from({ length: TURNS }, (_, turn) => inTurn(all, turn + 7));
    expect(turns.flat().sort((a, b) => a - b)).toEqual(all);
    expect(Math.max(...turns.map((turn) => turn.length))).toBeLessThanOrEqual(Math.ceil(count / TURNS));
  }
});
