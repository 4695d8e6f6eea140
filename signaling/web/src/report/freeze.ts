/** Frames over which the mean interval is taken (W3C webrtc-stats, freezeCount). */
const REMEMBERED = 30;
/** The interval assumed before two frames have come, in milliseconds: the slowest picture the relay forwards. */
const ASSUMED = 100;

/**
 * Measures how long a picture stood still: a gap of at least max(3 d, d + 150 ms), d the mean frame interval
 * (W3C webrtc-stats), counts in full, and already while it goes on. Times are milliseconds of one monotonic clock.
 */
export class FreezeMeter {
  private last: number;
  private readonly intervals: number[] = [];
  private frozen = 0;
  /** How much of the gap that goes on has been counted. */
  private counted = 0;

  /** Begins when the picture is expected: one that never comes is frozen from then on. */
  constructor(now: number) {
    this.last = now;
  }

  /** Frames were shown, the newest at `at`; `count` of them since the last call, evenly spread. */
  shown(at: number, count = 1): void {
    const gap = at - this.last;
    if (gap <= 0 || count < 1) return;
    this.count(gap, count);
    this.remember(gap / count);
    this.last = at;
    this.counted = 0;
  }

  /** The picture cannot be watched (page hidden): time until `now` is not judged. */
  skip(now: number): void {
    this.last = now;
    this.counted = 0;
  }

  /** Time frozen since the last call, in milliseconds, including a freeze that goes on. */
  take(now: number): number {
    this.count(now - this.last, 1);
    const frozen = this.frozen;
    this.frozen = 0;
    return Math.round(frozen);
  }

  private count(gap: number, frames: number): void {
    const mean = this.mean();
    if (gap / frames < Math.max(3 * mean, mean + 150)) return;
    this.frozen += gap - this.counted;
    this.counted = gap;
  }

  private mean(): number {
    if (this.intervals.length === 0) return ASSUMED;
    return this.intervals.reduce((sum, interval) => sum + interval, 0) / this.intervals.length;
  }

  private remember(interval: number): void {
    this.intervals.push(interval);
    if (this.intervals.length > REMEMBERED) this.intervals.shift();
  }
}
