import { describe, expect, it } from "vitest";
import { cellSize, NAMES, NUMBERS, placeAt } from "./matrix_picture";

describe("the picture of the matrix", () => {
  it("fits forty into an iPad held upright, and scrolls for a full council", () => {
    // 768 less the dialog's margins and a scroll bar.
    expect(NAMES + 40 * cellSize(673, 40)).toBeLessThanOrEqual(673);
    expect(cellSize(673, 101)).toBe(14);
    expect(cellSize(1100, 5)).toBe(28);
  });

  it("knows which cell is pointed at", () => {
    expect(placeAt(NAMES + 1, NUMBERS + 1, 14, 40)).toEqual({ row: 0, column: 0 });
    expect(placeAt(NAMES + 39 * 14 + 13, NUMBERS + 14, 14, 40)).toEqual({ row: 1, column: 39 });
    expect(placeAt(NAMES - 1, NUMBERS + 1, 14, 40)).toBeNull();
    expect(placeAt(NAMES + 40 * 14, NUMBERS + 1, 14, 40)).toBeNull();
  });
});
