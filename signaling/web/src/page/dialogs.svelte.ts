import { untrack } from "svelte";

/** The dialogs that are open, the topmost last. Everything outside the topmost is inert. Reactive. */
class Dialogs {
  private open = $state.raw<readonly string[]>([]);

  get topmost(): string | undefined {
    return this.open.at(-1);
  }

  /** A dialog has been opened; what is returned says that it is closed. */
  opened(id: string): () => void {
    untrack(() => (this.open = [...this.open, id]));
    return () => untrack(() => (this.open = this.open.filter((other) => other !== id)));
  }
}

export const dialogs = new Dialogs();
