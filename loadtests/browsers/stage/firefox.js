// One person at one computer with Firefox, on a host of their own: Firefox never uses loopback for media, so it meets
// the server as it would in a municipality, over a network.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import puppeteer from 'puppeteer-core';
import { observe } from './observe.js';

const FORWARD = join(dirname(fileURLToPath(import.meta.url)), 'forward.js');
const DRIVER_PORT = 9222; // each host has its own ports, so one number serves all
const START_MS = 30_000;

const PREFERENCES = {
  'media.navigator.streams.fake': true,
  'media.navigator.permission.disabled': true,
  'media.autoplay.default': 0,
  'intl.accept_languages': 'sv-SE, sv, en',
  // No calls home: there is no network to call over.
  'app.update.disabledForTesting': true,
  'browser.safebrowsing.malware.enabled': false,
  'browser.safebrowsing.phishing.enabled': false,
  'datareporting.policy.dataSubmissionEnabled': false,
  'network.captive-portal-service.enabled': false,
  'network.connectivity-service.enabled': false,
  'services.settings.server': 'http://127.0.0.1:9/',
};

/** Starts Firefox on the host and returns its first page. `close` ends everything. */
export async function startFirefox({ host }) {
  const profile = await mkdtemp(join(tmpdir(), 'lika-firefox-'));
  const lines = Object.entries(PREFERENCES).map(([name, value]) => `user_pref("${name}", ${JSON.stringify(value)});\n`);
  await writeFile(join(profile, 'user.js'), lines.join(''));

  const firefox = start(host, 'firefox-esr', [
    '--headless',
    '--no-remote',
    ...['--profile', profile],
    ...['--remote-debugging-port', String(DRIVER_PORT)],
  ]);
  const forward = start(host, process.execPath, [FORWARD, host.address, String(DRIVER_PORT)]);
  const close = async () => {
    for (const child of [forward, firefox]) {
      if (child.exitCode === null) {
        child.kill('SIGKILL');
        await once(child, 'exit');
      }
    }
    await rm(profile, { recursive: true, force: true, maxRetries: 5 });
  };

  try {
    await said(firefox.stderr, 'WebDriver BiDi listening');
    await said(forward.stdout, 'listening');
    const browser = await puppeteer.connect({
      browserWSEndpoint: `ws://${host.address}:${DRIVER_PORT}/session`,
      headers: { Host: `127.0.0.1:${DRIVER_PORT}` }, // Firefox answers to the name that it listens on, to no other
      protocol: 'webDriverBiDi',
      acceptInsecureCerts: true,
    });
    const page = await browser.newPage();
    await page.evaluateOnNewDocument(observe);
    return { page, close };
  } catch (error) {
    await close();
    throw error;
  }
}

function start(host, program, args) {
  const [first, ...rest] = host.command(program, ...args);
  return spawn(first, rest, { stdio: ['ignore', 'pipe', 'pipe'] });
}

/** Waits until the stream has said the words. */
function said(stream, words) {
  return new Promise((resolve, reject) => {
    let heard = '';
    const late = setTimeout(() => reject(new Error(`never said "${words}": ${heard.slice(-2000)}`)), START_MS);
    stream.on('data', (chunk) => {
      heard += chunk;
      if (heard.includes(words)) {
        clearTimeout(late);
        heard = ''; // and go on reading, or the pipe fills
        resolve();
      }
    });
    stream.on('end', () => reject(new Error(`ended before "${words}": ${heard.slice(-2000)}`)));
  });
}
