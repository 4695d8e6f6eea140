import { describe, expect, it } from "vitest";
import type { Obstacle } from "../protocol";
import { en } from "./en";
import { obstacleOf, ownObstacle, stepUpSentence } from "./identity";
import { sv } from "./sv";

const OBSTACLES: Obstacle[] = [
  { obstacle: "level", needs: "loa3" },
  { obstacle: "stale", needs: "loa4" },
  { obstacle: "mismatched" },
  { obstacle: "other_item" },
  { obstacle: "disqualified" },
];

describe.each([sv, en])("an obstacle in $language.name", (messages) => {
  it("is said differently for each, to the reader and to the chair", () => {
    for (const say of [ownObstacle, obstacleOf]) {
      const said = OBSTACLES.map((obstacle) => say(messages, obstacle, "open"));
      expect(new Set(said).size).toBe(OBSTACLES.length);
      for (const one of said) expect(one).not.toMatch(/undefined|null|\[object/);
    }
  });
});

describe("wording", () => {
  it("says what asks for the login: the item, or the meeting itself", () => {
    const level: Obstacle = { obstacle: "level", needs: "loa3" };
    expect(ownObstacle(sv, level, "loa2")).toBe("Ärendet kräver att du legitimerar dig (tillitsnivå 3).");
    expect(ownObstacle(sv, level, "loa3")).toBe(
      "Sammanträdet kräver att du legitimerar dig (tillitsnivå 3).",
    );
    const item = { id: 7, title: "Upphandling", requires: "loa3", secret: true, dealt: false } as const;
    expect(stepUpSentence(sv, { item, needs: "loa3" })).toBe(
      "Ärende 7 kräver att du legitimerar dig (tillitsnivå 3).",
    );
  });
});
