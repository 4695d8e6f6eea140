// The camera and voice files, made once and kept under target/.

import { existsSync } from 'node:fs';
import { mkdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { TARGET } from '../stage/paths.js';
import { writePicture } from './picture.js';
import { writeSpeech } from './speech.js';

const FOLDER = join(TARGET, 'browser-media');

export const CAMERAS = {
  /** As large as a council's cameras are. */
  large: { width: 1280, height: 720, rate: 20, hue: 110 },
  /** The smallest of which Chromium makes three simulcast layers; it costs a quarter of the large one. */
  layered: { width: 960, height: 540, rate: 10, hue: 110 },
  /** What a small machine affords for everybody else (quality profile `test-small`). */
  small: { width: 320, height: 180, rate: 10, hue: 150 },
};

/** The camera's file. */
export function picture(name) {
  return made(`${name}.y4m`, (file) => writePicture(file, CAMERAS[name]));
}

/** A voice's file, by its pitch. */
export function speech(hertz) {
  return made(`speech-${hertz}.wav`, (file) => writeSpeech(file, { hertz }));
}

// Written beside and renamed: an interrupted run leaves no half file to be found whole.
async function made(name, write) {
  const file = join(FOLDER, name);
  if (existsSync(file)) return file;
  await mkdir(FOLDER, { recursive: true });
  const unfinished = `${file}.${process.pid}`;
  await write(unfinished);
  await rename(unfinished, file);
  return file;
}
