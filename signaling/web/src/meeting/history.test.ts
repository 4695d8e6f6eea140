import { describe, expect, it } from "vitest";
import type { Level } from "../protocol";
import { History, PIECE, PIECES } from "./history";

const second = (level: Level, participant = 7) => [
  { participant, directions: [{ direction: "heard" as const, level, cause: null, figure: null }] },
];

describe("a history", () => {
  it("has the worst of each piece, oldest first", () => {
    const history = new History();
    history.add(PIECE, second("green"));
    history.add(PIECE + 1000, second("red"));
    history.add(PIECE + 2000, second("green"));
    history.add(2 * PIECE, second("green"));
    expect(history.of(7, "heard")).toEqual(["red", "green"]);
  });

  it("does not know what it was not told", () => {
    const history = new History();
    history.add(PIECE, second("green"));
    history.add(4 * PIECE, second("green"));
    expect(history.of(7, "heard")).toEqual(["green", "unknown", "unknown", "green"]);
    history.add(5 * PIECE, second("green", 8));
    expect(history.of(7, "heard").at(-1)).toBe("unknown");
    expect(history.of(9, "heard")).toEqual([]);
  });

  it("goes back ten minutes and no further", () => {
    const history = new History();
    for (let at = PIECE; at < 3 * PIECES * PIECE; at += 1000) history.add(at, second("green"));
    expect(history.of(7, "heard").length).toBe(PIECES);
    history.add(9 * PIECES * PIECE, second("amber"));
    expect(history.of(7, "heard")).toEqual([...Array(PIECES - 1).fill("unknown"), "amber"]);
  });
});
