/** Silence, in -dBov, as RFC 6464 writes it. */
export const SILENCE = 127;

/** Loudness of samples between -1 and 1, in -dBov (RFC 6464): 0 loudest, 127 silence. */
export function level(samples: Float32Array): number {
  if (samples.length === 0) return SILENCE;
  let squares = 0;
  for (const sample of samples) squares += sample * sample;
  const db = 10 * Math.log10(squares / samples.length);
  return Number.isFinite(db) ? Math.min(SILENCE, Math.max(0, Math.round(-db))) : SILENCE;
}

/** Position on a meter, 0 to 1: from -60 dBov, a quiet room, to -10, a loud voice. */
export function onMeter(dbov: number): number {
  return Math.min(1, Math.max(0, (60 - dbov) / 50));
}
