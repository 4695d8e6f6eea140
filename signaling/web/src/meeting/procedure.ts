import type {
  AlertView,
  BreachView,
  Choice,
  ClockView,
  Despite,
  MeetingView,
  ParticipantId,
  ParticipantView,
  ProcedureView,
  ProposalView,
  QuorumView,
  RollCallView,
  VoteView,
} from "../protocol";

/** Those who serve (tjänstgör), in the roster's order. */
export function serving(meeting: MeetingView): ParticipantView[] {
  return meeting.participants.filter((one) => one.serves !== null);
}

/** Inside, or in the chamber. */
export function isThere(one: ParticipantView): boolean {
  return one.attendance === "inside" || one.in_chamber;
}

/** Somebody serves, everybody who serves can be confirmed, and no breach stands. */
export function allBack(meeting: MeetingView): boolean {
  const serve = serving(meeting);
  const broken = meeting.procedure.breaches.length > 0;
  return serve.length > 0 && !broken && serve.every((one) => cannotBeConfirmed(meeting, one) === null);
}

/** Fewer are there than the law asks for. Nothing is asked before the meeting knows its seats. */
export function lacksQuorum({ there, needed }: QuorumView): boolean {
  return needed > 0 && there < needed;
}

/** A vote goes on, or is suspended: who serves cannot be changed during it. */
export function isVoting(meeting: MeetingView): boolean {
  return meeting.procedure.step === "voting";
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

/** Whether the next step says already what it waits for, with the ways out. */
export function nextStepWaits(meeting: MeetingView): boolean {
  const { step, vote } = meeting.procedure;
  const suspended = step === "voting" && vote?.state === "suspended";
  return (suspended || step === "vote_pause" || step === "vote_closed") && hindrances(meeting).length > 0;
}

/** With which reasons the chair may go on all the same; none: something has to be cleared first. */
export function despites(found: readonly Hindrance[]): Despite[] {
  const is = (kind: Hindrance["kind"]) => found.some((one) => one.kind === kind);
  if (is("identifies") || (is("breach") && is("quorum"))) return [];
  return is("quorum") ? ["quorum_exception"] : ["confirmed_by_member", "measurement_at_fault", "repeated"];
}

/** Why the presence check cannot pass while somebody serves, as the server sees it; null: they can be confirmed. */
export function cannotBeConfirmed(
  meeting: MeetingView,
  one: ParticipantView,
): "missing" | "link" | "pause" | null {
  if (!isThere(one)) return "missing";
  const isWaitedFor = ({ clock }: ClockView) => clock.clock === "reconnect" && clock.participant === one.id;
  if (meeting.clocks.some(isWaitedFor)) return "link";
  return one.pause ? "pause" : null;
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

/** Which side of a closed vote has won: the one with more votes, the chair's where they are even. */
export function won(vote: VoteView): "yes" | "no" | null {
  const { yes, no } = tally(vote);
  if (yes !== no) return yes > no ? "yes" : "no";
  return vote.casting === "yes" || vote.casting === "no" ? vote.casting : null;
}

/** What is to be decided, as far as it is known: what has won the vote, else the question put. */
export function toDecide({ vote, question }: ProcedureView): string {
  if (vote?.state !== "closed") return question ?? "";
  const side = won(vote);
  return side === null ? "" : vote[side];
}

/** Whether something has been decided at the item being dealt with. */
export function isDecided({ item, decisions }: MeetingView): boolean {
  return item !== null && decisions.some((decision) => decision.item === item);
}

/** The proposal for the seat of somebody who is not there, if a substitute could step in. */
export function proposalFor(
  meeting: MeetingView,
  replaces: ParticipantId | null,
): (ProposalView & { substitute: ParticipantId }) | null {
  const found = meeting.proposals.find((one) => one.replaces === replaces);
  return found && found.substitute !== null ? { ...found, substitute: found.substitute } : null;
}
