import type { Direction, Level, ParticipantId, QualityView } from "../protocol";
import { moreConcerning } from "./level";

/** One piece of a strip, in milliseconds: the worst second in it counts. */
export const PIECE = 5000;
/** How many pieces are kept: ten minutes. */
export const PIECES = 120;

/**
 * How each participant stood in the last ten minutes, per direction. Kept in this page only, and gone with it. A time
 * in which nothing was said of somebody is unknown, never good.
 */
export class History {
  private readonly strips = new Map<ParticipantId, Map<Direction, Level[]>>();
  private newest = 0;

  /** One second's verdicts, said at `at`, the server's milliseconds. */
  add(at: number, quality: readonly QualityView[]): void {
    const piece = Math.floor(at / PIECE);
    const passed = this.newest === 0 ? 0 : Math.min(PIECES, Math.max(0, piece - this.newest));
    this.newest = Math.max(this.newest, piece);
    for (const strips of this.strips.values())
      for (const strip of strips.values()) for (let i = 0; i < passed; i++) push(strip, "unknown");
    for (const { participant, directions } of quality)
      for (const { direction, level } of directions) this.mark(participant, direction, level, passed > 0);
  }

  /** The levels, oldest first; the last is now. At most `PIECES`. */
  of(participant: ParticipantId, direction: Direction): readonly Level[] {
    return this.strips.get(participant)?.get(direction) ?? [];
  }

  private mark(participant: ParticipantId, direction: Direction, level: Level, fresh: boolean): void {
    const strips = this.strips.get(participant) ?? new Map<Direction, Level[]>();
    this.strips.set(participant, strips);
    const strip = strips.get(direction);
    if (!strip) strips.set(direction, [level]);
    else strip[strip.length - 1] = fresh ? level : moreConcerning(strip.at(-1) ?? level, level);
  }
}

function push(strip: Level[], level: Level): void {
  strip.push(level);
  if (strip.length > PIECES) strip.shift();
}
