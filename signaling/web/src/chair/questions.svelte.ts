import type { Command, Despite } from "../protocol";

/** A command whose reason goes to the minutes. */
export type Reasoned = Exclude<Extract<Command, { reason: string | null }>, { do: "pause" }>;
/** A command for which there are reasons to go on although the gavel waits. */
export type Held = Extract<Command, { despite: Despite | null }>;

/** What is asked before something is done. Whom and what it is about is settled as it is asked. */
export type Question =
  | {
      ask: "confirm";
      say: string;
      question: string;
      detail: string;
      command: Command;
      testid: string;
      done: (() => void) | undefined;
    }
  | {
      ask: "reason";
      say: string;
      heading: string;
      details: readonly string[];
      reasons: readonly string[];
      /** Without its reason. */
      command: Reasoned;
      testid: string;
      done: (() => void) | undefined;
    }
  | {
      ask: "presence";
      /** What follows when it has passed. */
      then: Command | undefined;
    }
  | {
      ask: "anyway";
      say: string;
      reasons: readonly Despite[];
      /** Without its reason. */
      command: Held;
    }
  | { ask: "vote" };

/** The question of one kind. */
export type Asked<Kind extends Question["ask"]> = Extract<Question, { ask: Kind }>;

/**
 * The questions that are open, the last one on top. They do not live where their buttons are: alerts come and go and the
 * meeting moves on there, and what somebody is writing stays. Reactive.
 */
class Questions {
  open = $state.raw<readonly { key: number; question: Question }[]>([]);
  private asked = 0;

  ask(question: Question): void {
    this.open = [...this.open, { key: ++this.asked, question }];
  }

  close(key: number): void {
    this.open = this.open.filter((one) => one.key !== key);
  }

  closeAll(): void {
    this.open = [];
  }
}

export const questions = new Questions();
