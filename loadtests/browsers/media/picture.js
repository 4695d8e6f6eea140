// Camera pictures for browsers (`--use-file-for-fake-video-capture`): something that moves in every frame, as YUV4MPEG2.

import { constants, open } from 'node:fs/promises';

const FRAMES = 20; // the file is looped by the browser; one second of movement is enough

/** What a camera sees: by frame number, where in the loop its picture is taken; `null`: nothing, it is covered. */
const VIEWS = {
  moving: (index) => index / FRAMES,
  still: () => 0,
  covered: () => null,
};

/**
 * Writes one second of picture; into a file that a browser is reading, too: then that is what its camera sees from now.
 * @param {string} file where
 * @param {{ width: number, height: number, rate: number, hue: number }} picture size in pixels, frames a second,
 *   and 0–255 to tell cameras apart
 * @param {keyof typeof VIEWS} view
 */
export async function writePicture(file, { width, height, rate, hue }, view = 'moving') {
  const frames = Array.from({ length: FRAMES }, (_, index) => VIEWS[view](index));
  const out = await open(file, constants.O_WRONLY | constants.O_CREAT);
  await out.write(`YUV4MPEG2 W${width} H${height} F${rate}:1 Ip A1:1 C420jpeg\n`);
  for (const phase of frames) {
    await out.write('FRAME\n');
    await out.write(phase === null ? black(width, height) : frame(width, height, phase, hue));
  }
  await out.close();
}

function black(width, height) {
  return Buffer.concat([Buffer.alloc(width * height, 0), Buffer.alloc((width * height) / 2, 128)]);
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
