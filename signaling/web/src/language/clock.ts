import { countdown } from "../page/time";
import type { ClockView } from "../protocol";
import type { Messages } from "./sv";

/** One clock in words; `who` is whom it waits for, `now` the server's time. */
export function clockSentence(messages: Messages, view: ClockView, who: string, now: number): string {
  const left = hasRunOut(view, now) ? null : countdown(view.until_ms, now);
  if (view.clock.clock === "reconnect")
    return left === null ? messages.clock.reconnectOut(who) : messages.clock.reconnect(who, left);
  return left === null ? messages.clock.adjournmentOut : messages.clock.adjournment(left);
}

export function hasRunOut(view: ClockView, now: number): boolean {
  return now >= view.until_ms;
}

/** What tells one clock from another. */
export function clockKey({ clock }: ClockView): string {
  return clock.clock === "reconnect" ? `reconnect-${clock.participant}` : clock.clock;
}
