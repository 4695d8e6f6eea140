import type { MeetingView, ParticipantId, ParticipantView } from "../protocol";

/** What the page offers a participant to do. The server decides; this only hides buttons that would be refused. */
export type Rights = {
  /** Leads the meeting: opens, adjourns, gives the floor. */
  leads: boolean;
  /** Admits, dismisses, acknowledges alerts and sees everybody's quality. */
  watches: boolean;
  /** May take over the chair. */
  mayTakeChair: boolean;
  /** Is a person who asks for the floor and reports unequal terms; not a device of the chamber. */
  takesPart: boolean;
};

export function rightsOf(meeting: MeetingView, you: ParticipantView | undefined): Rights {
  const leads = you !== undefined && meeting.acting_chair === you.id;
  const presidium = you?.role === "chair" || you?.role === "vice_chair";
  return {
    leads,
    watches: leads || you?.role === "secretary",
    mayTakeChair: presidium && !leads && (you.attendance === "inside" || you.attendance === "lobby"),
    takesPart: you !== undefined && you.role !== "chamber",
  };
}

/** Whether the chair may vouch for somebody: at the item being dealt with, if identity alone keeps them out. */
export function mayVouchFor(meeting: MeetingView, rights: Rights, one: ParticipantView): boolean {
  const obstacle = one.identity?.obstacle?.obstacle;
  const atItem = meeting.phase.phase === "open" && meeting.item !== null;
  const byIdentity = obstacle !== undefined && obstacle !== "other_item" && obstacle !== "disqualified";
  return rights.leads && atItem && byIdentity;
}

/**
 * Whose picture belongs in the grid: everybody inside, and who was until the connection broke. Oneself always; but nobody
 * who sits in the chamber: they are seen through its devices.
 */
export function shown(meeting: MeetingView, you: ParticipantId): ParticipantView[] {
  return meeting.participants.filter(
    (p) => !p.in_chamber && (p.id === you || p.attendance === "inside" || p.attendance === "lost"),
  );
}

/**
 * Who is shown large: whom the meeting shows to all (called in the roll call, or has the floor), the chamber's devices,
 * since one camera carries thirty people (the Luleå ruling), but not to themselves, and whom the reader chose.
 */
export function large(
  meeting: MeetingView,
  you: ParticipantId,
  enlarged: ParticipantId | null,
  among: ParticipantView[],
): ParticipantId[] {
  const chamber = among.filter((p) => p.role === "chamber" && p.attendance === "inside" && p.id !== you);
  const wanted = [meeting.shown ?? meeting.floor, ...chamber.map((p) => p.id), enlarged];
  return [...new Set(wanted)].filter((id): id is ParticipantId => among.some((p) => p.id === id));
}
