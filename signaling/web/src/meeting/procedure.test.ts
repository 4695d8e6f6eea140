import { describe, expect, it } from "vitest";
import { clocks, council, procedure, seat, vote } from "../../tests/council";
import type { MeetingView } from "../protocol";
import {
  allBack,
  cannotBeConfirmed,
  despites,
  hindrances,
  isDecided,
  nextToCall,
  proposalFor,
  serving,
  tally,
  toDecide,
  type Hindrance,
} from "./procedure";

const meeting = (over: Partial<MeetingView> = {}) => council(8, over);

describe("those who serve", () => {
  it("are neither the secretary nor the chamber's device", () => {
    expect(serving(meeting()).map((one) => one.id)).toEqual([1, 2, 5, 6, 7, 8]);
  });

  it("are all back when each is inside, or in the chamber, with a link, and no breach stands", () => {
    const people = meeting().participants;
    const without7 = people.map((one) => (one.id === 7 ? seat(7, { attendance: "lost" }) : one));
    const inChamber = people.map((one) =>
      one.id === 7 ? seat(7, { attendance: "away", in_chamber: true }) : one,
    );
    expect(allBack(meeting())).toBe(true);
    expect(allBack(meeting({ participants: without7 }))).toBe(false);
    expect(allBack(meeting({ participants: inChamber }))).toBe(true);
    expect(allBack(meeting({ participants: [] }))).toBe(false);
    const breaches = [{ about: 7, direction: "seen", cause: "picture_frozen" } as const];
    expect(allBack(meeting({ procedure: procedure({ breaches }) }))).toBe(false);
    const [reconnect, adjournment] = clocks(7);
    expect(allBack(meeting({ clocks: reconnect ? [reconnect] : [] }))).toBe(false);
    expect(allBack(meeting({ clocks: adjournment ? [adjournment] : [] }))).toBe(true);
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

describe("the reasons to go on all the same", () => {
  const breach: Hindrance = { kind: "breach", about: 7, direction: "seen", cause: "picture_frozen" };
  const quorum: Hindrance = { kind: "quorum", there: 4, needed: 5 };
  const identifies: Hindrance = { kind: "identifies", who: [8] };

  it("are those that the server takes", () => {
    expect(despites([breach])).toEqual(["confirmed_by_member", "measurement_at_fault", "repeated"]);
    expect(despites([quorum])).toEqual(["quorum_exception"]);
    expect(despites([breach, quorum])).toEqual([]);
    expect(despites([breach, identifies])).toEqual([]);
  });
});

describe("the presence check", () => {
  it("cannot pass while somebody is away, has a broken link or is in a pause", () => {
    const why = (one: Parameters<typeof seat>[1], over: Partial<MeetingView> = {}) =>
      cannotBeConfirmed(meeting(over), seat(7, one));
    expect(why({})).toBeNull();
    expect(why({ attendance: "lost" })).toBe("missing");
    expect(why({ attendance: "away", in_chamber: true })).toBeNull();
    expect(why({ pause: "short" })).toBe("pause");
    expect(why({}, { clocks: clocks(7) })).toBe("link");
    expect(why({}, { clocks: clocks(8) })).toBeNull();
  });
});

describe("what is to be decided", () => {
  const result = (yes: number, no: number): [number, "yes" | "no"][] => [
    ...Array.from({ length: yes }, (_, i) => [i, "yes"] as [number, "yes"]),
    ...Array.from({ length: no }, (_, i) => [yes + i, "no"] as [number, "no"]),
  ];
  const closed = (yes: number, no: number, casting: "yes" | "no" | null = null) =>
    toDecide(
      procedure({
        question: "bifall",
        vote: vote({ yes: "bifall", no: "avslag", state: "closed", result: result(yes, no), casting }),
      }),
    );

  it("is the question until a vote is closed", () => {
    expect(toDecide(procedure())).toBe("");
    expect(toDecide(procedure({ question: "bifall" }))).toBe("bifall");
    expect(toDecide(procedure({ question: "bifall", vote: vote() }))).toBe("bifall");
  });

  it("is what has won the vote, by the chair's casting vote if it was even", () => {
    expect(closed(5, 3)).toBe("bifall");
    expect(closed(3, 5)).toBe("avslag");
    expect(closed(4, 4, "no")).toBe("avslag");
    expect(closed(4, 4, "yes")).toBe("bifall");
  });

  it("has been decided once a decision has the item", () => {
    const decision = {
      number: 1,
      item: 5,
      text: "",
      at_ms: 0,
      despite: null,
      afterwards: false,
      event: 1,
      corrections: [],
    };
    expect(isDecided(meeting({ item: 5, decisions: [decision] }))).toBe(true);
    expect(isDecided(meeting({ item: 6, decisions: [decision] }))).toBe(false);
    expect(isDecided(meeting({ decisions: [{ ...decision, item: null }] }))).toBe(false);
  });
});

describe("the roll call", () => {
  const entry = (participant: number, answered: boolean) => ({
    participant,
    answer: answered ? ({ answer: "noted_present" } as const) : null,
    measured: null,
    unreached: 0,
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
