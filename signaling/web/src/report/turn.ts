/** How many times a second some of the pictures are looked at: each once, never all at the same moment. */
export const TURNS = 20;

/** Which of `all` are looked at in turn `turn`; over `TURNS` turns each exactly once. */
export function inTurn<T>(all: readonly T[], turn: number): T[] {
  return all.filter((_, i) => i % TURNS === turn % TURNS);
}
