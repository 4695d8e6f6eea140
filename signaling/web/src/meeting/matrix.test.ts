import { describe, expect, it } from "vitest";
import { matrix } from "../../tests/council";
import { edge, findingsOf, unknownOf } from "./matrix";

describe("the matrix in words", () => {
  it("says nothing while all is well", () => {
    expect(findingsOf(matrix(12), "sound")).toEqual([]);
    expect(unknownOf(matrix(12), "sound")).toBe(0);
  });

  it("says whose way out is bad, and whose way in, once for all edges that go with it", () => {
    const seen = matrix(12, (sender, receiver) => (sender === 7 ? "r" : receiver === 9 ? "r" : "g"));
    expect(findingsOf(seen, "sound")).toEqual([
      { who: 7, of: "row", level: "red", count: 11 },
      { who: 9, of: "column", level: "red", count: 10 },
    ]);
  });

  it("keeps sound and picture, red and amber apart, and counts what is not known", () => {
    const seen = matrix(5, (sender, receiver, kind) => {
      if (kind === "picture") return sender === 2 && receiver === 3 ? "a" : "g";
      return sender === 4 ? "u" : "g";
    });
    expect(findingsOf(seen, "sound")).toEqual([]);
    expect(unknownOf(seen, "sound")).toBe(4);
    expect(findingsOf(seen, "picture")).toEqual([{ who: 2, of: "row", level: "amber", count: 1 }]);
    expect(edge(seen, "sound", 1, 1)).toBeNull();
    expect(edge(seen, "sound", 99, 1)).toBeNull();
  });
});
