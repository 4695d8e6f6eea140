// One person at one computer: a Chromium of their own with a camera and a voice, perhaps on a host of their own.

import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { observe } from './observe.js';
import { CAMERAS, picture, speech } from '../media/index.js';
import { writePicture } from '../media/picture.js';

const PROGRAM = 'chromium';

const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--use-fake-device-for-media-stream',
  '--use-fake-ui-for-media-stream',
  '--autoplay-policy=no-user-gesture-required',
];

/** As small as the page's layout allows: without a GPU, painting moving tiles is much of what a browser costs. */
export const SMALL_SCREEN = { width: 640, height: 400 };

/** Painting is the same work whoever looks at it: where nobody does, a quarter of the pixels will do. */
const COARSE = 0.5;
/** For screenshots. */
export const SHARP = 1;

/** Screens that the page must fit: width and height in CSS pixels. */
export const SCREENS = {
  desktop: { width: 1280, height: 800 },
  tablet: { width: 1080, height: 810 }, // iPad, lying
  tabletUpright: { width: 810, height: 1080 },
};

/**
 * Starts a browser and returns an empty page in it. `cameraSees` puts something before the camera ('moving', 'still',
 * 'covered'); `close` ends the browser.
 * @param {{ camera?: string, voice?: number, host?: object, screen?: object, locale?: string, trusts?: string }} person
 *   which camera (media/index.js), the pitch of the voice, and the host to run on; none: the server's; and the key of a
 *   certificate that is trusted though nobody has signed it
 */
export async function startChromium({
  camera = 'small',
  voice = 120,
  host,
  screen = SCREENS.desktop,
  locale = 'sv-SE',
  pixels = COARSE,
  trusts,
}) {
  // A camera of one's own: what is written to the file is what it sees.
  const folder = await mkdtemp(join(tmpdir(), 'lika-chromium-'));
  const lens = join(folder, 'camera.y4m');
  await copyFile(await picture(camera), lens);
  const browser = await chromium.launch({
    executablePath: host ? host.executable(PROGRAM) : `/usr/bin/${PROGRAM}`,
    args: [
      ...FLAGS,
      `--use-file-for-fake-video-capture=${lens}`,
      `--use-file-for-fake-audio-capture=${await speech(voice)}`,
      ...(trusts ? [`--ignore-certificate-errors-spki-list=${trusts}`] : []),
    ],
  });
  const context = await browser.newContext({
    ignoreHTTPSErrors: true,
    viewport: screen,
    deviceScaleFactor: pixels,
    locale,
    permissions: ['camera', 'microphone'],
  });
  await context.addInitScript(observe);
  return {
    page: await context.newPage(),
    cameraSees: (view) => writePicture(lens, CAMERAS[camera], view),
    close: async () => {
      await browser.close();
      await rm(folder, { recursive: true });
    },
  };
}
