import { describe, expect, it } from "vitest";
import { council, procedure, seat } from "../../tests/council";
import type { AlertView, MeetingView, ParticipantView } from "../protocol";
import { apply } from "./view";

const member = (id: number, over: Partial<ParticipantView> = {}): ParticipantView => ({
  ...seat(id, { name: `Ledamot ${id}`, role: "member", microphone_open: false }),
  ...over,
});

const alert = (id: number, over: Partial<AlertView> = {}): AlertView => ({
  id,
  about: 1,
  direction: "seen",
  level: "red",
  cause: "picture_frozen",
  figure: 30,
  affected: 3,
  since_ms: 0,
  acknowledged: false,
  unstable: false,
  ...over,
});

const view: MeetingView = council(2, {
  phase: { phase: "planned" },
  floor: null,
  requests: [],
  participants: [member(1), member(2)],
  alerts: [alert(1)],
});

describe("a change to the meeting", () => {
  it("replaces the phase", () => {
    expect(apply(view, { change: "phase", phase: { phase: "open" } }).phase).toEqual({ phase: "open" });
  });

  it("brings the agenda together with the item dealt with, and ends it", () => {
    const items = [{ id: 1, title: "Upphandling", requires: "loa3", secret: true, dealt: false } as const];
    const begun = apply(view, { change: "item", item: 1, items: [...items] });
    expect([begun.item, begun.items]).toEqual([1, items]);
    expect(apply(begun, { change: "item", item: null, items: [...items] }).item).toBeNull();
  });

  it("replaces a participant in place and inserts a new one in the roster's order", () => {
    const opened = apply(view, { change: "participant", participant: member(1, { microphone_open: true }) });
    expect(opened.participants.map((p) => [p.id, p.microphone_open])).toEqual([
      [1, true],
      [2, false],
    ]);
    const joined = [5, 3].reduce(
      (v, id) => apply(v, { change: "participant", participant: member(id) }),
      view,
    );
    expect(joined.participants.map((p) => p.id)).toEqual([1, 2, 3, 5]);
  });

  it("removes a participant who is gone", () => {
    const gone = apply(view, { change: "participant_gone", participant: 1 });
    expect(gone.participants.map((p) => p.id)).toEqual([2]);
  });

  it("sets floor, requests and acting chair together", () => {
    const floor = apply(view, { change: "floor", floor: 2, requests: [1], acting_chair: 2 });
    expect([floor.floor, floor.requests, floor.acting_chair]).toEqual([2, [1], 2]);
  });

  it("replaces, appends and clears alerts", () => {
    const acknowledged = apply(view, { change: "alert", alert: alert(1, { acknowledged: true }) });
    expect(acknowledged.alerts).toEqual([alert(1, { acknowledged: true })]);
    expect(apply(view, { change: "alert", alert: alert(2) }).alerts.map((a) => a.id)).toEqual([1, 2]);
    expect(apply(view, { change: "alert_cleared", alert: 1 }).alerts).toEqual([]);
  });

  it("sets who serves, the way to a decision and the roll call, each with what follows from it", () => {
    const quorum = { seats: 21, needed: 11, there: 10 };
    const clocks = [{ clock: { clock: "adjournment" } as const, since_ms: 1, until_ms: 2, extended: false }];
    const proposals = [{ replaces: 1, substitute: 2, other_party: false }];
    const served = apply(view, { change: "service", quorum, clocks, proposals });
    expect([served.quorum, served.clocks, served.proposals]).toEqual([quorum, clocks, proposals]);

    const way = procedure({ step: "question_put", question: "bifalla motionen" });
    const decision = {
      number: 1,
      item: 1,
      text: "Bifall",
      at_ms: 1,
      despite: null,
      afterwards: false,
      event: 9,
      corrections: [],
    };
    const decided = apply(view, { change: "procedure", procedure: way, decisions: [decision] });
    expect([decided.procedure, decided.decisions]).toEqual([way, [decision]]);

    const roll_call = { going_on: true, called: 2, entries: [] };
    const called = apply(view, { change: "roll_call", roll_call, shown: 2 });
    expect([called.roll_call, called.shown]).toEqual([roll_call, 2]);
  });

  it("leaves the view it was given alone", () => {
    const before = structuredClone(view);
    apply(view, { change: "participant_gone", participant: 1 });
    expect(view).toEqual(before);
  });
});
