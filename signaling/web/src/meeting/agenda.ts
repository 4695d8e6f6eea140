import type { Assurance, ItemView, MeetingView, ParticipantView } from "../protocol";
import { suffices, surer } from "./assurance";

/** The item being dealt with. */
export function currentItem(meeting: MeetingView): ItemView | undefined {
  return meeting.items.find((item) => item.id === meeting.item);
}

/**
 * Who would be moved out if the item began now. A forecast from what chair and secretary are told: the server decides,
 * and knows besides who has proved it too long ago.
 */
export function movedOutBy(meeting: MeetingView, item: ItemView): ParticipantView[] {
  return meeting.participants.filter((one) => one.attendance === "inside" && lacks(meeting, item, one));
}

/** Whether the participant has shown less than the item requires. A device of the chamber is no person. */
export function lacks(meeting: MeetingView, item: ItemView, one: ParticipantView): boolean {
  if (one.role === "chamber" || !one.identity) return false;
  return !suffices(one.identity.assurance, surer(meeting.requires, item.requires));
}

/** What one is to show more for: the meeting itself (no item), or the first such item now or to come. */
export type StepUp = { item: ItemView | null; needs: Assurance };

export function stepUp(meeting: MeetingView, self: ParticipantView | undefined): StepUp | null {
  const shown = self?.identity;
  if (!self || !shown || self.role === "chamber") return null;
  if (!suffices(shown.assurance, meeting.requires)) return { item: null, needs: meeting.requires };
  const item = ahead(meeting).find(
    (one) => lacks(meeting, one, self) && !(shown.vouched && one.id === meeting.item),
  );
  return item ? { item, needs: item.requires } : null;
}

/** The item being dealt with and those that have not been. */
function ahead(meeting: MeetingView): ItemView[] {
  return meeting.items.filter((item) => item.id === meeting.item || !item.dealt);
}

/** Whether anything here asks for more than the invitation, so that levels are worth showing. */
export function levelsMatter(meeting: MeetingView): boolean {
  return meeting.requires !== "open" || meeting.items.some((item) => item.requires !== "open");
}
