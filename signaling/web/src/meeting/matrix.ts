import type { Level, Matrix, ParticipantId } from "../protocol";

export type Kind = "sound" | "picture";

/** The level of an edge; null: there is none. */
export function edge(matrix: Matrix, kind: Kind, sender: number, receiver: number): Level | null {
  switch (matrix[kind][sender]?.[receiver]) {
    case "g":
      return "green";
    case "a":
      return "amber";
    case "r":
      return "red";
    case "s":
      return "suspended";
    case "u":
      return "unknown";
    default:
      return null;
  }
}

/** One thing to say of the matrix: a row (a sender) or a column (a receiver), and how many edges of it are bad. */
export type Finding = {
  who: ParticipantId;
  of: "row" | "column";
  level: "red" | "amber";
  count: number;
};

/** The matrix in as few words as cover every bad edge: whoever has most of those left is said first. */
export function findingsOf(matrix: Matrix, kind: Kind): Finding[] {
  return [...covering(matrix, kind, "red"), ...covering(matrix, kind, "amber")];
}

export function unknownOf(matrix: Matrix, kind: Kind): number {
  return edges(matrix, kind, "unknown").length;
}

function covering(matrix: Matrix, kind: Kind, level: Finding["level"]): Finding[] {
  const findings: Finding[] = [];
  let left = edges(matrix, kind, level);
  while (left.length > 0) {
    const row = most(left.map(([sender]) => sender));
    const column = most(left.map(([, receiver]) => receiver));
    const of = column.count > row.count ? "column" : "row";
    const { index, count } = of === "row" ? row : column;
    const who = matrix.people[index];
    if (who !== undefined) findings.push({ who, of, level, count });
    left = left.filter(([sender, receiver]) => (of === "row" ? sender : receiver) !== index);
  }
  return findings;
}

function edges(matrix: Matrix, kind: Kind, level: Level): [sender: number, receiver: number][] {
  const all = matrix.people.map((_, i) => i);
  return all.flatMap((sender) =>
    all
      .filter((receiver) => edge(matrix, kind, sender, receiver) === level)
      .map((receiver): [number, number] => [sender, receiver]),
  );
}

/** Which index comes most often, and how often. */
function most(indices: readonly number[]): { index: number; count: number } {
  const counts = new Map<number, number>();
  for (const index of indices) counts.set(index, (counts.get(index) ?? 0) + 1);
  let found = { index: -1, count: 0 };
  for (const [index, count] of counts) if (count > found.count) found = { index, count };
  return found;
}
