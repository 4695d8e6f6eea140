import type {
  AlertView,
  BreachView,
  Choice,
  MeetingView,
  ParticipantId,
  ParticipantView,
  ProposalView,
  QuorumView,
  RollCallView,
  VoteView,
} from "../protocol";

/** Those who serve (tjänstgör), in the roster's order. */
export function serving(meeting: MeetingView): ParticipantView[] {
  return meeting.participants.filter((one) => one.serves !== null);
}

/** Inside, or in the chamber without a device of their own. */
export function isThere(one: ParticipantView): boolean {
  return one.attendance === "inside" || one.in_chamber;
}

/** Somebody serves, and everybody who serves is there. */
export function allBack(meeting: MeetingView): boolean {
  const serve = serving(meeting);
  return serve.length > 0 && serve.every(isThere);
}

/** Fewer are there than the law asks for. Nothing is asked before the meeting knows its seats. */
export function lacksQuorum({ there, needed }: QuorumView): boolean {
  return needed > 0 && there < needed;
}

/** Why the gavel waits. The server decides; this says it beforehand. */
export type Hindrance =
  | ({ kind: "breach" } & BreachView)
  | { kind: "quorum"; there: number; needed: number }
  | { kind: "identifies"; who: ParticipantId[] };

export function hindrances(meeting: MeetingView): Hindrance[] {
  const found: Hindrance[] = meeting.procedure.breaches.map((breach) => ({ kind: "breach", ...breach }));
  const { there, needed } = meeting.quorum;
  if (lacksQuorum(meeting.quorum)) found.push({ kind: "quorum", there, needed });
  const who = meeting.participants.filter((one) => one.pause === "identify").map((one) => one.id);
  if (who.length > 0) found.push({ kind: "identifies", who });
  return found;
}

/** Whether somebody has a red alert, as the presence check marks them. */
export function alarmsOf(meeting: MeetingView, who: ParticipantId): AlertView[] {
  return meeting.alerts.filter((alert) => alert.about === who && alert.level === "red");
}

/** Whom to call next: the first after the one called who has not answered, then the first of all. */
export function nextToCall({ called, entries }: RollCallView): ParticipantId | null {
  const at = entries.findIndex((entry) => entry.participant === called);
  const inOrder = [...entries.slice(at + 1), ...entries.slice(0, at + 1)];
  const next = inOrder.find((entry) => entry.answer === null && entry.participant !== called);
  return next?.participant ?? null;
}

export function tally({ result }: VoteView): Record<Choice, number> {
  const count = (choice: Choice) => result.filter(([, chosen]) => chosen === choice).length;
  return { yes: count("yes"), no: count("no"), abstain: count("abstain") };
}

/** The proposal for the seat of somebody who is not there, if a substitute could step in. */
export function proposalFor(
  meeting: MeetingView,
  replaces: ParticipantId | null,
): (ProposalView & { substitute: ParticipantId }) | null {
  const found = meeting.proposals.find((one) => one.replaces === replaces);
  return found && found.substitute !== null ? { ...found, substitute: found.substitute } : null;
}
