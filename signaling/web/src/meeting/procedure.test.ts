import { describe, expect, it } from "vitest";
import { council, procedure, seat } from "../../tests/council";
import type { MeetingView } from "../protocol";
import { allBack, hindrances, nextToCall, proposalFor, serving, tally } from "./procedure";

const meeting = (over: Partial<MeetingView> = {}) => council(8, over);

describe("those who serve", () => {
  it("are neither the secretary nor the chamber's device", () => {
    expect(serving(meeting()).map((one) => one.id)).toEqual([1, 2, 5, 6, 7, 8]);
  });

  it("are all back when each is inside, or in the chamber", () => {
    const people = meeting().participants;
    const without7 = people.map((one) => (one.id === 7 ? seat(7, { attendance: "lost" }) : one));
    const inChamber = people.map((one) =>
      one.id === 7 ? seat(7, { attendance: "away", in_chamber: true }) : one,
    );
    expect(allBack(meeting())).toBe(true);
    expect(allBack(meeting({ participants: without7 }))).toBe(false);
    expect(allBack(meeting({ participants: inChamber }))).toBe(true);
    expect(allBack(meeting({ participants: [] }))).toBe(false);
  });
});

describe("the gavel", () => {
  it("falls when nothing is in its way", () => {
    expect(hindrances(meeting())).toEqual([]);
    expect(hindrances(meeting({ quorum: { seats: 0, needed: 0, there: 0 } }))).toEqual([]);
  });

  it("waits for a breach, for a quorum and for whoever identifies", () => {
    const breach = { about: 7, direction: "seen", cause: "picture_frozen" } as const;
    const held = meeting({
      procedure: procedure({ breaches: [breach] }),
      quorum: { seats: 8, needed: 5, there: 4 },
      participants: meeting().participants.map((one) =>
        one.id === 8 ? seat(8, { pause: "identify" }) : one,
      ),
    });
    expect(hindrances(held)).toEqual([
      { kind: "breach", ...breach },
      { kind: "quorum", there: 4, needed: 5 },
      { kind: "identifies", who: [8] },
    ]);
  });
});

describe("the roll call", () => {
  const entry = (participant: number, answered: boolean) => ({
    participant,
    answer: answered ? ({ answer: "noted_present" } as const) : null,
    measured: null,
  });

  it("goes on with the next who has not answered, and comes back to whoever was passed over", () => {
    const entries = [entry(5, true), entry(6, false), entry(7, false), entry(8, false)];
    expect(nextToCall({ going_on: true, called: null, entries })).toBe(6);
    expect(nextToCall({ going_on: true, called: 6, entries })).toBe(7);
    expect(nextToCall({ going_on: true, called: 8, entries })).toBe(6);
    expect(nextToCall({ going_on: true, called: 6, entries: [entry(5, true), entry(6, false)] })).toBeNull();
  });
});

it("counts the votes", () => {
  const vote = council(0).procedure.vote;
  expect(vote).toBeNull();
  const result: [number, "yes" | "no" | "abstain"][] = [
    [5, "yes"],
    [6, "no"],
    [7, "yes"],
  ];
  const over = { yes: "", no: "", abstention: true, voters: [], voted: [], own: null, casting: null };
  expect(tally({ ...over, state: "closed", result })).toEqual({ yes: 2, no: 1, abstain: 0 });
});

it("proposes a substitute only where there is one", () => {
  const proposals = [
    { replaces: 7, substitute: 9, other_party: false },
    { replaces: 8, substitute: null, other_party: false },
  ];
  expect(proposalFor(meeting({ proposals }), 7)?.substitute).toBe(9);
  expect(proposalFor(meeting({ proposals }), 8)).toBeNull();
  expect(proposalFor(meeting({ proposals }), null)).toBeNull();
});
