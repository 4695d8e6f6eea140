// An encoder that is no browser: GStreamer's webrtcbin, which publishes a test picture and a tone through WHIP.

import { spawn } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { until } from './until.js';

// Debian's Python, which has Debian's GStreamer, whatever else is called python3 on this machine.
const PYTHON = '/usr/bin/python3';
const GSTREAMER = join(dirname(fileURLToPath(import.meta.url)), 'gstreamer.py');
const CONNECTED_WITHIN_MS = 20_000;
const LEFT_WITHIN_MS = 10_000;

export class Encoder {
  #child;
  #said = new Map();
  #complaints = '';

  /** Offers at a door ("https://…/whip<tab>token", as `lika meeting token` prints it) and connects. */
  static async connect(door) {
    const encoder = new Encoder();
    encoder.#child = spawn(PYTHON, [GSTREAMER], { stdio: ['pipe', 'pipe', 'pipe'] });
    encoder.#listen();
    encoder.#child.stdin.write(`${door.trim()}\n`);
    try {
      await until('the encoder connects', () => encoder.#said.has('connected'), {
        within: CONNECTED_WITHIN_MS,
        last: () => [...encoder.#said, encoder.#complaints],
      });
      return encoder;
    } catch (error) {
      await encoder.close();
      throw error;
    }
  }

  #listen() {
    createInterface(this.#child.stdout).on('line', (line) => {
      const [what, value = ''] = line.split('\t');
      this.#said.set(what, value);
    });
    this.#child.stderr.on('data', (chunk) => (this.#complaints = (this.#complaints + chunk).slice(-5_000)));
  }

  /** The kind of key in its DTLS certificate: 'rsa', 'ec'. */
  get keyType() {
    return new X509Certificate(Buffer.from(this.#said.get('certificate'), 'base64')).publicKey.asymmetricKeyType;
  }

  /** What DTLS negotiated, in GStreamer's words. */
  get srtp() {
    return this.#said.get('srtp');
  }

  /** Ends the session as the standard says; the status of the answer. */
  async leave() {
    this.#child.stdin.end();
    await until('the encoder leaves', () => this.#said.has('left'), {
      within: LEFT_WITHIN_MS,
      last: () => this.#complaints,
    });
    return Number(this.#said.get('left'));
  }

  async close() {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    this.#child.kill('SIGKILL');
    await once(this.#child, 'exit');
  }
}
