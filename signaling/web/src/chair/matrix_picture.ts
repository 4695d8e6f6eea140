import { edge, type Kind } from "../meeting/matrix";
import type { Level, Matrix } from "../protocol";

/** A cell is never smaller than this, in CSS pixels: then the picture scrolls. */
const LEAST_CELL = 14;
const MOST_CELL = 28;
/** For the rows' names. */
export const NAMES = 104;
/** For the columns' numbers. */
export const NUMBERS = 22;

const COLOURS: Record<Level, string> = {
  green: "#b9dcc6",
  amber: "#f0b64a",
  red: "#9c1a2b",
  unknown: "#fff",
  suspended: "#dcd9d2",
};
/** Drawn besides the colour, which alone would not tell. What is well has none: the eye goes to the rest. */
const MARKS: Record<Level, string> = { green: "", amber: "!", red: "×", unknown: "?", suspended: "–" };
const MARK_COLOURS: Record<Level, string> = {
  green: "#000",
  amber: "#3b2400",
  red: "#fff",
  unknown: "#505d67",
  suspended: "#505d67",
};

/** Where the reader is in the picture. */
export type Place = { row: number; column: number };

/** How large a cell is for `people` in `width`, in CSS pixels. */
export function cellSize(width: number, people: number): number {
  return Math.min(MOST_CELL, Math.max(LEAST_CELL, Math.floor((width - NAMES) / Math.max(1, people))));
}

/** Which cell a point of the picture is in; null: none. */
export function placeAt(x: number, y: number, cell: number, people: number): Place | null {
  const row = Math.floor((y - NUMBERS) / cell);
  const column = Math.floor((x - NAMES) / cell);
  const inside = (index: number) => index >= 0 && index < people;
  return inside(row) && inside(column) ? { row, column } : null;
}

/** Draws rows and columns; `names` in the matrix's order. */
export function draw(
  pen: CanvasRenderingContext2D,
  matrix: Matrix,
  kind: Kind,
  names: readonly string[],
  cell: number,
  at: Place | null,
): void {
  const people = matrix.people.length;
  pen.clearRect(0, 0, NAMES + people * cell, NUMBERS + people * cell);
  pen.textBaseline = "middle";
  for (let row = 0; row < people; row++) {
    head(pen, names[row] ?? "", row, cell, at);
    for (let column = 0; column < people; column++)
      square(pen, edge(matrix, kind, row, column), NAMES + column * cell, NUMBERS + row * cell, cell);
  }
  if (!at) return;
  pen.strokeStyle = "#0b4f63";
  pen.lineWidth = 2;
  pen.strokeRect(NAMES, NUMBERS + at.row * cell, people * cell, cell);
  pen.strokeRect(NAMES + at.column * cell, NUMBERS, cell, people * cell);
}

/** The name of a row, and the number that it and its column share. */
function head(
  pen: CanvasRenderingContext2D,
  name: string,
  index: number,
  cell: number,
  at: Place | null,
): void {
  const middle = NUMBERS + (index + 0.5) * cell;
  pen.textAlign = "end";
  pen.fillStyle = "#1c2730";
  pen.font = `${at?.row === index ? "700" : "400"} ${Math.min(13, cell - 2)}px system-ui, sans-serif`;
  pen.fillText(fit(pen, name, NAMES - 26), NAMES - 22, middle);
  pen.fillStyle = "#505d67";
  pen.font = `${at?.column === index ? "700" : "400"} ${cell < 18 ? 9 : 11}px system-ui, sans-serif`;
  pen.fillText(String(index + 1), NAMES - 4, middle);
  pen.textAlign = "center";
  pen.fillText(String(index + 1), NAMES + (index + 0.5) * cell, NUMBERS - 8);
}

function square(
  pen: CanvasRenderingContext2D,
  level: Level | null,
  x: number,
  y: number,
  cell: number,
): void {
  if (level === null) return;
  pen.fillStyle = COLOURS[level];
  pen.fillRect(x + 0.5, y + 0.5, cell - 1, cell - 1);
  if (level === "unknown") {
    pen.strokeStyle = "#83898d";
    pen.lineWidth = 1;
    pen.strokeRect(x + 1, y + 1, cell - 2, cell - 2);
  }
  if (MARKS[level] === "") return;
  pen.textAlign = "center";
  pen.fillStyle = MARK_COLOURS[level];
  pen.font = `700 ${Math.min(16, cell - 2)}px system-ui, sans-serif`;
  pen.fillText(MARKS[level], x + cell / 2, y + cell / 2 + 1);
}

function fit(pen: CanvasRenderingContext2D, name: string, width: number): string {
  let said = name;
  while (said.length > 1 && pen.measureText(said).width > width) said = `${said.slice(0, -2)}…`;
  return said;
}
