import type { Outcome } from "../connection/commands";
import { text } from "../language/language.svelte";

/** How long good news stay, in milliseconds; bad news stay until they are closed. */
const GOOD_NEWS = 6000;

type Notice = { bad: boolean; text: string };

/** The one message about what the reader just did. Reactive. */
class Notices {
  current = $state.raw<Notice | null>(null);
  private timer: ReturnType<typeof setTimeout> | undefined;

  good(said: string): void {
    this.show({ bad: false, text: said });
    this.timer = setTimeout(() => this.close(), GOOD_NEWS);
  }

  bad(said: string): void {
    this.show({ bad: true, text: said });
  }

  close(): void {
    clearTimeout(this.timer);
    this.current = null;
  }

  private show(notice: Notice): void {
    clearTimeout(this.timer);
    this.current = notice;
  }
}

export const notices = new Notices();

/** Waits for a command's outcome and says so if it was not carried out; returns whether it was. */
export async function carriedOut(outcome: Promise<Outcome>): Promise<boolean> {
  const said = await outcome;
  if (said === null) return true;
  notices.bad(said === "broken" ? text().connection.commandBroken : text().refusal[said]);
  return false;
}
