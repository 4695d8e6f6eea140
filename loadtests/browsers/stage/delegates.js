// Simulated delegates (`lika-loadtests join`), steered by lines on their standard input.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { LOADTESTS } from './paths.js';

export class Delegates {
  #child;
  #said = '';

  /** Lets one delegate join for each invitation link; they are numbered from 1 in that order. */
  static async join({ folder, server, invitations }) {
    const file = join(folder, `invitations-${invitations.length}-${process.hrtime.bigint()}`);
    await writeFile(file, invitations.join('\n') + '\n', { mode: 0o600 });
    const delegates = new Delegates();
    delegates.#child = spawn(LOADTESTS, ['join', '--invitations-file', file, '--server', server, '--insecure'], {
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    for (const stream of [delegates.#child.stdout, delegates.#child.stderr]) {
      stream.on('data', (chunk) => (delegates.#said = (delegates.#said + chunk).slice(-20_000)));
    }
    return delegates;
  }

  cut(delegate) {
    this.#say(`cut ${delegate}`);
  }
  freeze(delegate) {
    this.#say(`freeze ${delegate}`);
  }
  cover(delegate) {
    this.#say(`cover ${delegate}`);
  }
  restore(delegate) {
    this.#say(`restore ${delegate}`);
  }

  #say(line) {
    if (this.#child.exitCode !== null) throw new Error(`the delegates are gone: ${this.#said}`);
    this.#child.stdin.write(`${line}\n`);
  }

  /** What they printed, for the error of a test that failed. */
  get said() {
    return this.#said;
  }

  async close() {
    if (this.#child.exitCode !== null) return;
    this.#child.kill('SIGKILL');
    await once(this.#child, 'exit');
  }
}
