// Camera pictures for browsers (`--use-file-for-fake-video-capture`): something that moves in every frame, as YUV4MPEG2.

import { open } from 'node:fs/promises';

const FRAMES = 20; // the file is looped by the browser; one second of movement is enough

/**
 * Writes one second of moving picture.
 * @param {string} file where
 * @param {{ width: number, height: number, rate: number, hue: number }} picture size in pixels, frames a second,
 *   and 0–255 to tell cameras apart
 */
export async function writePicture(file, { width, height, rate, hue }) {
  const out = await open(file, 'w');
  await out.write(`YUV4MPEG2 W${width} H${height} F${rate}:1 Ip A1:1 C420jpeg\n`);
  for (let index = 0; index < FRAMES; index++) {
    await out.write('FRAME\n');
    await out.write(frame(width, height, index / FRAMES, hue));
  }
  await out.close();
}

/** A soft gradient with a bright disc that goes round once in the loop: cheap to encode, never still. */
function frame(width, height, phase, hue) {
  const luma = Buffer.alloc(width * height);
  const radius = height / 6;
  const x0 = width / 2 + Math.cos(phase * 2 * Math.PI) * (width / 3);
  const y0 = height / 2 + Math.sin(phase * 2 * Math.PI) * (height / 4);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const inDisc = (x - x0) ** 2 + (y - y0) ** 2 < radius ** 2;
      luma[y * width + x] = inDisc ? 220 : 60 + (80 * x) / width + (40 * y) / height;
    }
  }
  const quarter = (width / 2) * (height / 2);
  return Buffer.concat([luma, Buffer.alloc(quarter, hue), Buffer.alloc(quarter, 255 - hue)]);
}
