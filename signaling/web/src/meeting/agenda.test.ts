import { describe, expect, it } from "vitest";
import { council, seat } from "../../tests/council";
import type { Assurance, ItemView, MeetingView, ParticipantView } from "../protocol";
import { currentItem, levelsMatter, movedOutBy, stepUp } from "./agenda";

const item = (id: number, requires: Assurance): ItemView => ({
  id,
  title: `Ärende ${id}`,
  requires,
  secret: requires !== "open",
  dealt: false,
});

const person = (id: number, assurance: Assurance, over: Partial<ParticipantView> = {}): ParticipantView => ({
  ...seat(id, { role: "member", identity: { assurance, obstacle: null, vouched: false } }),
  ...over,
});

const meeting = (over: Partial<MeetingView> = {}): MeetingView => ({
  ...council(0, { items: [item(1, "open"), item(2, "loa3"), item(3, "open")] }),
  ...over,
});

describe("the forecast of who is moved out", () => {
  const people = [
    person(1, "loa3"),
    person(2, "loa2"),
    person(3, "open"),
    person(4, "open", { attendance: "lobby" }),
    person(5, "open", { role: "chamber" }),
    person(6, "loa4"),
  ];
  const names = (over: Partial<MeetingView>, id: number) => {
    const at = meeting({ participants: people, ...over });
    const begun = at.items.find((one) => one.id === id);
    return begun ? movedOutBy(at, begun).map((p) => p.id) : null;
  };

  it("has those inside who have shown too little, and no device of the chamber", () => {
    expect(names({}, 2)).toEqual([2, 3]);
  });

  it("has nobody for an item that asks for nothing", () => {
    expect(names({}, 1)).toEqual([]);
  });

  it("asks what the meeting asks when that is more", () => {
    expect(names({ requires: "loa2" }, 1)).toEqual([3]);
  });
});

describe("what one is to show more for", () => {
  it("is the first item now or to come that asks for more", () => {
    expect(stepUp(meeting(), person(1, "loa2"))).toEqual({ item: item(2, "loa3"), needs: "loa3" });
    expect(stepUp(meeting(), person(1, "loa3"))).toBeNull();
  });

  it("is no item that has been dealt with, unless it is taken up again", () => {
    const items = [item(1, "open"), { ...item(2, "loa3"), dealt: true }, item(3, "open")];
    expect(stepUp(meeting({ items }), person(1, "open"))).toBeNull();
    expect(stepUp(meeting({ items, item: 2 }), person(1, "open"))?.item?.id).toBe(2);
  });

  it("is the meeting itself before any item", () => {
    expect(stepUp(meeting({ requires: "loa2" }), person(1, "open"))).toEqual({ item: null, needs: "loa2" });
  });

  it("is nothing for whom the chair vouches, for a device of the chamber or for what is not known", () => {
    const identity = { assurance: "open", obstacle: null, vouched: true } as const;
    expect(stepUp(meeting({ item: 2 }), person(1, "open", { identity }))).toBeNull();
    expect(stepUp(meeting(), person(1, "open", { role: "chamber" }))).toBeNull();
    expect(stepUp(meeting(), person(1, "open", { identity: null }))).toBeNull();
  });
});

describe("the agenda", () => {
  it("knows the item being dealt with", () => {
    expect(currentItem(meeting({ item: 2 }))?.id).toBe(2);
    expect(currentItem(meeting())).toBeUndefined();
  });

  it("says whether levels matter at all", () => {
    expect(levelsMatter(meeting())).toBe(true);
    expect(levelsMatter(meeting({ items: [item(1, "open")] }))).toBe(false);
    expect(levelsMatter(meeting({ items: [], requires: "loa2" }))).toBe(true);
  });
});
