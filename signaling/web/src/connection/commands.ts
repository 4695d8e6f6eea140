import type { Refusal } from "../protocol";

/** What became of a command: `null` done, a refusal, or the connection broke before the answer came. */
export type Outcome = Refusal | "broken" | null;

/** The commands on their way, by the id the page gave them. */
export class Commands {
  private last = 0;
  private readonly waiting = new Map<number, (outcome: Outcome) => void>();

  /** Sends with a new id; `send` says whether there was a connection. */
  ask(send: (id: number) => boolean): Promise<Outcome> {
    const id = ++this.last;
    return new Promise((resolve) => {
      this.waiting.set(id, resolve);
      if (!send(id)) this.settle(id, "broken");
    });
  }

  settle(id: number, outcome: Outcome): void {
    this.waiting.get(id)?.(outcome);
    this.waiting.delete(id);
  }

  /** The connection broke: whether they were carried out is not known. */
  breakAll(): void {
    for (const id of [...this.waiting.keys()]) this.settle(id, "broken");
  }
}
