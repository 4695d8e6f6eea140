/** How long an open microphone must give nothing at all before it is dead, in milliseconds. */
const DEAD_AFTER = 3000;

/**
 * Tells a microphone that gives nothing from one in a quiet room: a live one always has noise, so that only digital
 * silence, every sample zero, counts. Times are milliseconds of one monotonic clock.
 */
export class DeadMeter {
  private since: number | null = null;

  /** Whether there has been nothing but digital silence for three seconds. `silent`: null when nothing is to be heard. */
  dead(now: number, silent: boolean | null): boolean {
    if (silent !== true) {
      this.since = null;
      return false;
    }
    this.since ??= now;
    return now - this.since >= DEAD_AFTER;
  }
}

/** Whether every sample is zero. */
export function isDigitalSilence(samples: Float32Array): boolean {
  return samples.every((sample) => sample === 0);
}
