import { describe, expect, it } from "vitest";
import { cellSize, NAMES, NUMBERS, placeAt } from "./matrix_picture";

describe("the picture of the matrix", () => {
  it("fits forty into an iPad held upright, and scrolls for a full council", () => {
    expect(NAMES + 40 * cellSize(688, 40)).toBeLessThanOrEqual(688);
    expect(cellSize(688, 101)).toBe(14);
    expect(cellSize(1100, 5)).toBe(28);
  });

  it("knows which cell is pointed at", () => {
    expect(placeAt(NAMES + 1, NUMBERS + 1, 14, 40)).toEqual({ row: 0, column: 0 });
    expect(placeAt(NAMES + 39 * 14 + 13, NUMBERS + 14, 14, 40)).toEqual({ row: 1, column: 39 });
    expect(placeAt(NAMES - 1, NUMBERS + 1, 14, 40)).toBeNull();
    expect(placeAt(NAMES + 40 * 14, NUMBERS + 1, 14, 40)).toBeNull();
  });
});
