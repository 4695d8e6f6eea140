import type { ParticipantId, SlotView } from "../protocol";
import { NO_TOTALS, type SlotTotals } from "../report/counters";
import { FreezeMeter } from "../report/freeze";
import { Eye } from "./eye";
import { brightness, isBlack, StillnessMeter } from "./picture";
import { watchFrames } from "./presentation";

/** Looks at one slot after another: the canvas is one for all. */
let eye: Eye | null = null;

const NOTHING_SEEN = { black: false, still: false };

/** A receive slot: one participant's sound and picture, in one stream so that the browser keeps them together. */
export class Slot {
  readonly stream: MediaStream;
  /** Who is in it, as the server said last. */
  participant: ParticipantId | null = null;
  /** The totals at the last report. */
  totals: SlotTotals = NO_TOTALS;
  private freeze = new FreezeMeter(performance.now());
  private element: HTMLVideoElement | null = null;
  private stillness = new StillnessMeter();
  private seen = NOTHING_SEEN;

  constructor(
    readonly index: number,
    readonly sound: RTCRtpTransceiver,
    readonly picture: RTCRtpTransceiver,
  ) {
    this.stream = new MediaStream([sound.receiver.track, picture.receiver.track]);
  }

  /** Another participant, or nobody, is in the slot from now on. */
  assign(participant: ParticipantId | null): void {
    if (participant === this.participant) return;
    this.participant = participant;
    this.freeze = new FreezeMeter(performance.now());
    this.forget();
  }

  /** The element that shows it; returns what undoes it. */
  attach(element: HTMLVideoElement): () => void {
    this.element = element;
    element.srcObject = this.stream;
    const unwatch = watchFrames(element, (at, frames) => this.freeze.shown(at, frames));
    return () => {
      unwatch();
      if (this.element === element) this.element = null;
      element.srcObject = null;
    };
  }

  /** Time frozen since the last call, in milliseconds. */
  takeFrozen(now: number, decoded: number): number {
    // A hidden page is shown no frames, though they are decoded: then only a stop of the decoder is a freeze.
    if (document.hidden && decoded > 0) this.freeze.skip(now);
    return this.freeze.take(now);
  }

  /** Looks at what is shown; to be called once a second. */
  look(now: number): void {
    // A page in the background is not painted: what stands still there says nothing.
    if (document.hidden) return this.forget();
    eye ??= new Eye();
    const pixels = this.element && eye.look(this.element);
    if (!pixels) return this.forget();
    this.seen = { black: isBlack(brightness(pixels)), still: this.stillness.still(now, pixels) };
  }

  /** Whether what was shown at the last look was black. */
  black(): boolean {
    return this.seen.black;
  }

  /** Whether it has been one and the same picture for three seconds. */
  still(): boolean {
    return this.seen.still;
  }

  /** Whether sound and picture really play. */
  playing(): boolean {
    const element = this.element;
    return (
      element !== null && !element.paused && !element.muted && element.readyState >= element.HAVE_CURRENT_DATA
    );
  }

  /** Loudness right now, 0 to 1 (RFC 6464 as the browser reads it). */
  loudness(): number {
    return this.sound.receiver.getSynchronizationSources()[0]?.audioLevel ?? 0;
  }

  private forget(): void {
    this.stillness = new StillnessMeter();
    this.seen = NOTHING_SEEN;
  }
}

/** Tells each slot who is in it; returns whom which slot shows. Slots that are not offered yet are left out. */
export function assign(slots: readonly Slot[], views: readonly SlotView[]): ReadonlyMap<ParticipantId, Slot> {
  const shows = new Map<ParticipantId, Slot>();
  for (const { slot: index, participant } of views) {
    const slot = slots[index];
    slot?.assign(participant);
    if (slot && participant !== null) shows.set(participant, slot);
  }
  return shows;
}

/** Nobody in any slot. */
export const NOBODY: ReadonlyMap<ParticipantId, Slot> = new Map();
