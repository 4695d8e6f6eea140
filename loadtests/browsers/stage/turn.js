// A TURN server: Debian's coturn with the configuration of deploy/coturn, whose lines marked CHANGE are filled in.

import { execFile, execFileSync, spawn } from 'node:child_process';
import { createHash, createHmac, randomBytes, X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { COTURN } from './paths.js';
import { until } from './until.js';

const run = promisify(execFile);
const PORT = 10_000 + (process.pid % 10_000);
const READY_WITHIN_MS = 10_000;
const LOG_CHARACTERS = 200_000;
const ASKED_WITHIN_MS = 10_000;
const HOUR_S = 3600;

export class TurnServer {
  port = PORT;
  secret = randomBytes(32).toString('hex');
  log = '';
  #address;
  #folder;
  #child;

  /** Listens at the address and relays to this address alone: that of the server of the meeting. */
  static async start({ address, folder }) {
    const turn = new TurnServer();
    Object.assign(turn, { url: `turns:${address}:${PORT}?transport=tcp` });
    turn.#address = address;
    turn.#folder = folder;
    turn.#certify();
    writeFileSync(turn.secretFile, `${turn.secret}\n`, { mode: 0o600 });
    const file = join(folder, 'turnserver.conf');
    writeFileSync(file, turn.#configuration(), { mode: 0o600 });
    await turn.#run(file);
    return turn;
  }

  get secretFile() {
    return join(this.#folder, 'turn.secret');
  }

  #certify() {
    const [key, cert] = [join(this.#folder, 'turn.key'), join(this.#folder, 'turn.pem')];
    const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
    const files = ['-keyout', key, '-out', cert];
    const name = ['-subj', `/CN=${this.#address}`, '-addext', `subjectAltName=IP:${this.#address}`];
    execFileSync('openssl', ['req', '-x509', ...kind, ...files, ...name], { stdio: 'ignore' });
    const { publicKey } = new X509Certificate(readFileSync(cert));
    /** By which a browser knows the certificate that nobody has signed. */
    this.pin = createHash('sha256')
      .update(publicKey.export({ type: 'spki', format: 'der' }))
      .digest('base64');
  }

  #configuration() {
    const changes = {
      'listening-ip': this.#address,
      'relay-ip': this.#address,
      'tls-listening-port': PORT,
      cert: join(this.#folder, 'turn.pem'),
      pkey: join(this.#folder, 'turn.key'),
      realm: this.#address,
      'static-auth-secret': this.secret,
      'allowed-peer-ip': this.#address,
    };
    let text = readFileSync(COTURN, 'utf8').replace(/^syslog$/m, 'log-file=stdout');
    for (const [key, value] of Object.entries(changes)) {
      const line = new RegExp(`^${key}=.*$`, 'gm');
      if (text.match(line)?.length !== 1) throw new Error(`${COTURN} has not one line ${key}=`);
      text = text.replace(line, `${key}=${value}`);
    }
    return text;
  }

  async #run(file) {
    const files = ['--pidfile', join(this.#folder, 'turn.pid'), '--userdb', join(this.#folder, 'turn.sqlite')];
    this.#child = spawn('turnserver', ['-c', file, ...files], { stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream.on('data', (chunk) => (this.log = (this.log + chunk).slice(-LOG_CHARACTERS)));
    }
    await until('the TURN server listens', () => this.#listens(), { within: READY_WITHIN_MS, last: () => this.log });
  }

  #listens() {
    return new Promise((resolve, reject) => {
      const socket = connect(PORT, this.#address, () => resolve(!socket.destroy().connecting));
      socket.on('error', reject);
    });
  }

  /** What the server says to somebody with good credentials who asks it to pass packets on to this address. */
  async asksToReach(peer) {
    const name = `${Math.floor(Date.now() / 1000) + HOUR_S}:somebody`;
    const word = createHmac('sha1', this.secret).update(name).digest('base64');
    const over = ['-S', '-t', '-p', String(PORT), '-u', name, '-w', word];
    const packets = ['-e', peer, '-n', '1', '-m', '1', '-c', this.#address];
    const { stdout } = await run('turnutils_uclient', [...over, ...packets], { timeout: ASKED_WITHIN_MS }).catch(
      (failed) => failed,
    );
    return stdout;
  }

  async close() {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    this.#child.kill('SIGKILL');
    await once(this.#child, 'exit');
  }
}
