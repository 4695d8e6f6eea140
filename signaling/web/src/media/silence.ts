/** How long an open microphone must give nothing at all before it is dead, in milliseconds. */
const DEAD_AFTER = 1000;
/** The same for one that has come back by itself twice: a headset that shuts its microphone between words. */
const DEAD_AFTER_AT_MOST = 4000;

/**
 * Tells a microphone that gives nothing from one in a quiet room: a live one always has noise, so that only digital
 * silence, every sample zero, counts. Times are milliseconds of one monotonic clock.
 */
export class DeadMeter {
  private since: number | null = null;
  private patience = DEAD_AFTER;

  /**
   * Whether there has been nothing but digital silence for a second. Each time that was wrong, so that the microphone came
   * back, it takes twice as long the next time, four seconds at most. `silent`: null when nothing is to be heard.
   */
  dead(now: number, silent: boolean | null): boolean {
    if (silent === true) {
      this.since ??= now;
      return this.lasts(now);
    }
    if (silent === false && this.lasts(now)) this.patience = Math.min(2 * this.patience, DEAD_AFTER_AT_MOST);
    this.since = null;
    return false;
  }

  /** How long there has been nothing but digital silence, in milliseconds. */
  silentFor(now: number): number {
    return this.since === null ? 0 : now - this.since;
  }

  private lasts(now: number): boolean {
    return this.since !== null && this.silentFor(now) >= this.patience;
  }
}

/** Whether every sample is zero. */
export function isDigitalSilence(samples: Float32Array): boolean {
  return samples.every((sample) => sample === 0);
}
