/** The size at which pictures are sampled: enough to tell black and still from a room, cheap forty times over. */
export const SAMPLE_WIDTH = 32;
export const SAMPLE_HEIGHT = 18;

/** Mean brightness (0-255) up to which a picture is black: a covered lens still has noise. */
const BLACK_MEAN = 20;
/** A black picture has nothing brighter than this. */
const BLACK_PEAK = 56;
/** Spread of brightness under which a picture shows nothing: a sticker or a finger over the lens. */
const FLAT_SPREAD = 2.5;

export type Brightness = { mean: number; peak: number; spread: number };

/** Brightness (Rec. 601 luma) of RGBA pixels, as a canvas gives them. */
export function brightness(pixels: Uint8ClampedArray): Brightness {
  const count = Math.floor(pixels.length / 4);
  let sum = 0;
  let squares = 0;
  let peak = 0;
  for (let i = 0; i < count * 4; i += 4) {
    const luma = 0.299 * (pixels[i] ?? 0) + 0.587 * (pixels[i + 1] ?? 0) + 0.114 * (pixels[i + 2] ?? 0);
    sum += luma;
    squares += luma * luma;
    peak = Math.max(peak, luma);
  }
  if (count === 0) return { mean: 0, peak: 0, spread: 0 };
  const mean = sum / count;
  return { mean, peak, spread: Math.sqrt(Math.max(0, squares / count - mean * mean)) };
}

export function isBlack({ mean, peak }: Brightness): boolean {
  return mean <= BLACK_MEAN && peak <= BLACK_PEAK;
}

/** Black, or the same brightness all over. */
export function isCovered(seen: Brightness): boolean {
  return isBlack(seen) || seen.spread < FLAT_SPREAD;
}

/** How long exactly the same picture must stay before it is still, in milliseconds: a live sensor always has noise. */
const STILL_AFTER = 3000;

/** Tells a picture that stands still, pixel for pixel. Times are milliseconds of one monotonic clock. */
export class StillnessMeter {
  private before: Uint8ClampedArray | null = null;
  private changed = 0;

  /** Whether the picture has been the same for three seconds. */
  still(now: number, pixels: Uint8ClampedArray): boolean {
    if (!this.before || !same(this.before, pixels)) {
      this.before = pixels.slice();
      this.changed = now;
    }
    return now - this.changed >= STILL_AFTER;
  }
}

function same(a: Uint8ClampedArray, b: Uint8ClampedArray): boolean {
  return a.length === b.length && a.every((value, i) => value === b[i]);
}
