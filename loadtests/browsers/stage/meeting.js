// One meeting on the program as it is shipped: a server with its data, an invited council, browsers and delegates.

import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { appendFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { get } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { startChromium } from './chromium.js';
import { Delegates } from './delegates.js';
import { Network } from './network.js';
import { Participant } from './participant.js';
import { LIKA, SMALL_PROFILE } from './paths.js';
import { IndependentProvider, selfSigned } from './provider.js';
import { convene } from './roster.js';
import { TurnServer } from './turn.js';
import { until } from './until.js';

const run = promisify(execFile);
// Off the usual ports, and by process: a server that runs on the machine already is in nobody's way.
const HTTPS_PORT = 20_000 + (process.pid % 10_000);
const MEDIA_PORT = HTTPS_PORT;
const READY_WITHIN_MS = 15_000;
// The only one of its data directory.
const THE_MEETING = '1';
/** What the server calls the independent provider. */
const PROVIDER = 'bankid';
const LOG_CHARACTERS = 100_000;
/** How much of it is printed beside a failure. */
const LAST_WORDS = 5_000;

export class Meeting {
  port = HTTPS_PORT;
  mediaPort = MEDIA_PORT;
  #closers = [];
  #server;
  #identity;
  #log = '';

  /**
   * A server that is ready, a meeting with a chair, a secretary, a chamber device and so many members, and so many
   * hosts beside the server's. `turn`: who cannot send UDP comes through a TURN server, not over the HTTPS port. `items`:
   * the agenda. `administered`: there is an administrator's token. `identity`: 'test' for the embedded provider, or settings of an independent one (provider.js).
   */
  static async start({ members, hosts = 0, turn = false, items = [], identity, administered = false }) {
    const meeting = new Meeting();
    meeting.#identity = identity;
    meeting.network = new Network(hosts);
    if (administered) meeting.adminToken = randomBytes(32).toString('base64url');
    try {
      await meeting.#prepare(members, turn, items);
      return meeting;
    } catch (error) {
      await meeting.close();
      throw new Error(`the meeting could not start. The server said:\n${meeting.#log}`, { cause: error });
    }
  }

  async #prepare(members, turn, items) {
    this.folder = await mkdtemp(join(tmpdir(), 'lika-meeting-'));
    this.url = `https://${this.network.address}:${HTTPS_PORT}`;
    if (turn) await this.#startTurn();
    await this.#makeCertificate();
    this.config = join(this.folder, 'lika.toml');
    if (this.adminToken) await writeFile(join(this.folder, 'admin.token'), this.adminToken, { mode: 0o600 });
    await writeFile(this.config, this.#configuration());
    const numbers = this.#identity !== undefined && this.#identity !== 'test';
    this.roster = await convene(this, members, { items, numbers });
    if (numbers) await this.#startProvider();
    await this.startServer();
  }

  async #makeCertificate() {
    const { key, cert } = selfSigned(this.network.address);
    this.certificate = { certFile: join(this.folder, 'cert.pem'), keyFile: join(this.folder, 'key.pem') };
    await writeFile(this.certificate.certFile, cert);
    await writeFile(this.certificate.keyFile, key, { mode: 0o600 });
  }

  /** Everybody of the roster can be chosen there; it trusts the public half of the server's key. */
  async #startProvider() {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const { chair, secretary, members } = this.roster;
    const address = `${this.url}/sign-in/${PROVIDER}`;
    this.provider = await IndependentProvider.start({
      address: this.network.address,
      client: {
        id: 'lika',
        redirectUri: `${address}/callback`,
        publicJwk: { ...publicKey.export({ format: 'jwk' }), kid: 'lika', alg: 'ES256', use: 'sig' },
        backChannelLogoutUri: `${address}/logout`,
        postLogoutRedirectUri: `${this.url}/signed-out`,
      },
      people: [chair, secretary, ...members],
      ...this.#identity,
    });
    this.#closers.push(() => this.provider?.close());
    const [key, ca] = [join(this.folder, 'client.key'), join(this.folder, 'provider.pem')];
    await writeFile(key, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
    await writeFile(ca, this.provider.certificate);
    const requirePar = this.#identity.requirePar === true;
    await appendFile(
      this.config,
      `
      [[identity.provider]]
      id = "${PROVIDER}"
      name = "BankID (prov)"
      family = "swedish_oidc"
      issuer = "${this.provider.issuer}"
      client_id = "lika"
      private_key_file = "${key}"
      key_id = "lika"
      signing_algorithm = "ES256"
      signed_requests = ${requirePar}
      require_par = ${requirePar}
      ca_file = "${ca}"
      `,
    );
  }

  async stopProvider() {
    const { provider } = this;
    this.provider = undefined;
    await provider.close();
  }

  async #startTurn() {
    this.turn = await TurnServer.start({ address: this.network.address, folder: this.folder });
    this.#closers.push(() => this.turn.close());
  }

  #configuration() {
    const turn = this.turn && `[turn]\nurls = ["${this.turn.url}"]\nsecret_file = "${this.turn.secretFile}"`;
    return `
      [server]
      listen = "${this.network.address}:${HTTPS_PORT}"
      public_url = "${this.url}"
      tls.cert_file = "${this.certificate.certFile}"
      tls.key_file = "${this.certificate.keyFile}"
      [media]
      bind = "${this.network.address}:${MEDIA_PORT}"
      public_ips = ["${this.network.address}"]
      tcp = ${!this.turn}
      ${turn ?? ''}
      [storage]
      data_dir = "${this.folder}/data"
      [quality]
      profile = "${SMALL_PROFILE}"
      [identity]
      test_identities = ${this.#identity === 'test'}
      ${this.adminToken ? `admin_token_file = "${this.folder}/admin.token"` : ''}
    `;
  }

  /** What the server has said. */
  get log() {
    return this.#log;
  }

  /** Runs `lika` with these arguments and this meeting's configuration; returns what it printed. */
  async lika(...args) {
    const { stdout } = await run(LIKA, [...args, '--config', this.config]);
    return stdout;
  }

  async startServer() {
    this.#server = spawn(LIKA, ['serve', '--config', this.config], { stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [this.#server.stdout, this.#server.stderr]) {
      stream.on('data', (chunk) => (this.#log = (this.#log + chunk).slice(-LOG_CHARACTERS)));
    }
    const ended = () => this.#server.exitCode !== null;
    await until('the server is ready', async () => ended() || (await this.#isReady()), { within: READY_WITHIN_MS });
    if (ended()) throw new Error('the server ended');
  }

  #isReady() {
    return new Promise((resolve, reject) => {
      const request = get(`${this.url}/readyz`, { rejectUnauthorized: false }, (response) => {
        response.resume();
        resolve(response.statusCode === 200);
      });
      request.on('error', reject);
    });
  }

  /** `kill -9`: no farewell, no flush. */
  async killServer() {
    this.#server.kill('SIGKILL');
    if (this.#server.exitCode === null && this.#server.signalCode === null) await once(this.#server, 'exit');
  }

  /** Somebody comes with their invitation, in a browser of their own. */
  async enter(person, settings) {
    const participant = await Participant.enter(person, settings).catch((error) => {
      throw new Error(`${person.name} could not come in. The server said:\n${this.#log.slice(-LAST_WORDS)}`, {
        cause: error,
      });
    });
    this.#closers.push(() => participant.close());
    return participant;
  }

  /** Simulated delegates come with these people's invitations. */
  async delegates(people) {
    const invitations = people.map((person) => person.invitation);
    const delegates = await Delegates.join({ folder: this.folder, server: this.url, invitations });
    this.#closers.push(() => delegates.close());
    return delegates;
  }

  /** What a stranger reads who opens an address. */
  async readsAtDoor(address) {
    const { page, close } = await startChromium({});
    try {
      await page.goto(address);
      return await page.locator('body').innerText();
    } finally {
      await close();
    }
  }

  /** Exports the journal and verifies the export as somebody else would: with the file alone. Returns its events. */
  async verifiedJournal() {
    const file = join(this.folder, 'export.jsonl.gz');
    await this.lika('meeting', 'export', THE_MEETING, '--out', file);
    await run(LIKA, ['journal', 'verify', file]);
    const lines = gunzipSync(await readFile(file))
      .toString('utf8')
      .trim()
      .split('\n');
    const events = lines.map((line) => JSON.parse(line).event).filter(Boolean);
    return events.map(({ body }) => JSON.parse(body));
  }

  /** The report of the meeting as a file. */
  async report(language) {
    const file = join(this.folder, `report-${language}.html`);
    await this.lika('meeting', 'report', THE_MEETING, '--language', language, '--out', file);
    return file;
  }

  async close() {
    for (const close of this.#closers.reverse()) await close();
    if (this.#server) await this.killServer();
    this.network.close();
    if (this.folder) await rm(this.folder, { recursive: true, force: true });
  }
}
