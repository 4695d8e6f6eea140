import type { Change, MeetingView } from "../protocol";

/** The view after one change. Pure; the server numbers the changes, the caller checks the numbers. */
export function apply(view: MeetingView, change: Change): MeetingView {
  switch (change.change) {
    case "phase":
      return { ...view, phase: change.phase };
    case "item":
      return { ...view, item: change.item, items: change.items };
    case "participant":
      return { ...view, participants: replaceById(view.participants, change.participant) };
    case "participant_gone":
      return { ...view, participants: view.participants.filter((p) => p.id !== change.participant) };
    case "floor":
      return {
        ...view,
        floor: change.floor,
        requests: change.requests,
        acting_chair: change.acting_chair,
      };
    case "alert":
      return { ...view, alerts: replaceById(view.alerts, change.alert) };
    case "alert_cleared":
      return { ...view, alerts: view.alerts.filter((a) => a.id !== change.alert) };
    case "service":
      return { ...view, quorum: change.quorum, clocks: change.clocks, proposals: change.proposals };
    case "procedure":
      return { ...view, procedure: change.procedure, decisions: change.decisions };
    case "roll_call":
      return { ...view, roll_call: change.roll_call, shown: change.shown };
  }
}

/** Replaces by id, or inserts in the order of ids: the roster's order, the oldest alert first. */
function replaceById<T extends { id: number }>(all: readonly T[], one: T): T[] {
  return [...all.filter((other) => other.id < one.id), one, ...all.filter((other) => other.id > one.id)];
}
