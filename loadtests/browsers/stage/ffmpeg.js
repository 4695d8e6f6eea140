// ffmpeg as an encoder: publishes a test picture (H.264) and a tone through its WHIP muxer.

import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { PYTHON } from './paths.js';
import { until } from './until.js';

const CONNECTED_WITHIN_MS = 20_000;
const LEFT_WITHIN_MS = 10_000;
const SAID_CHARACTERS = 50_000;

const SOURCES = [
  ...['-re', '-f', 'lavfi', '-i', 'testsrc2=size=320x180:rate=15'],
  ...['-re', '-f', 'lavfi', '-i', 'sine=frequency=440:sample_rate=48000'],
];
// What WebRTC takes: baseline, no B frames, and a key frame every two seconds, since ffmpeg makes none when it is asked.
const PICTURE = ['-c:v', 'libx264', '-profile:v', 'baseline', '-pix_fmt', 'yuv420p', '-preset', 'ultrafast'];
const LIVE = ['-tune', 'zerolatency', '-bf', '0', '-g', '30', '-b:v', '200k'];
const SOUND = ['-c:a', 'libopus', '-ac', '2'];
// The relay is a DTLS server and nothing else.
const WHIP = ['-f', 'whip', '-whip_flags', 'dtls_active'];

export class Ffmpeg {
  #child;
  #said = '';

  /** Connects at a door ("https://…/whip<tab>token", as `lika meeting token` prints it); `folder` is for its files. */
  static async connect(door, folder) {
    const [url, token] = door.trim().split('\t');
    const trusted = join(folder, 'server.pem');
    await writeFile(trusted, await certificateOf(new URL(url)));
    const args = ['-loglevel', 'verbose', ...SOURCES, ...PICTURE, ...LIVE, ...SOUND, ...WHIP];
    const ffmpeg = new Ffmpeg();
    ffmpeg.#child = spawn(program(), [...args, '-authorization', token, url], {
      stdio: ['pipe', 'ignore', 'pipe'],
      env: { ...process.env, SSL_CERT_FILE: trusted },
    });
    ffmpeg.#child.stderr.on('data', (chunk) => (ffmpeg.#said = (ffmpeg.#said + chunk).slice(-SAID_CHARACTERS)));
    try {
      await until('ffmpeg connects', () => ffmpeg.#suite(), {
        within: CONNECTED_WITHIN_MS,
        last: () => ffmpeg.#said.slice(-2_000),
      });
      ffmpeg.srtp = ffmpeg.#suite();
      return ffmpeg;
    } catch (error) {
      await ffmpeg.close();
      throw error;
    }
  }

  #suite() {
    return this.#said.match(/SRTP setup done, .*suite=(\w+)/)?.[1];
  }

  /** Ends as somebody at its keyboard would: it ends the session by itself. */
  async leave() {
    this.#child.stdin.write('q');
    await until('ffmpeg ends', () => this.#child.exitCode !== null, { within: LEFT_WITHIN_MS });
  }

  async close() {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    this.#child.kill('SIGKILL');
    await once(this.#child, 'exit');
  }
}

function program() {
  const ask = 'import imageio_ffmpeg; print(imageio_ffmpeg.get_ffmpeg_exe())';
  return execFileSync(PYTHON, ['-c', ask], { encoding: 'utf8' }).trim();
}

/** The certificate that a server has signed itself (PEM): ffmpeg cannot be told to trust any. */
async function certificateOf({ hostname, port }) {
  const socket = connect({ host: hostname, port, rejectUnauthorized: false });
  await once(socket, 'secureConnect');
  const { raw } = socket.getPeerCertificate();
  socket.destroy();
  const lines = raw.toString('base64').match(/.{1,64}/g);
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n');
}
