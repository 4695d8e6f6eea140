// A device without Lika's page: an encoder (WHIP) or a player (WHEP) that speaks the standards and nothing else.

import { request } from 'node:https';
import { startChromium } from './chromium.js';
import { until } from './until.js';

const CONNECTED_WITHIN_MS = 10_000;

export class Device {
  #browser;
  #door;
  #session;

  /** Offers at a door ("https://…/whip<tab>token", as `lika meeting token` prints it) and connects. */
  static async connect(door, page) {
    const device = new Device();
    const [url, token] = door.trim().split('\t');
    device.#door = { url, token };
    device.#browser = await startChromium({});
    try {
      // Any page of the server's will do: it is a secure context.
      await device.#page.goto(page);
      await device.#negotiate(url.endsWith('/whip'));
      return device;
    } catch (error) {
      await device.close();
      throw error;
    }
  }

  get #page() {
    return this.#browser.page;
  }

  async #negotiate(publishes) {
    const offer = await this.#page.evaluate(async (publishes) => {
      const connection = new RTCPeerConnection();
      window.device = connection;
      if (publishes) {
        const stream = await navigator.mediaDevices.getUserMedia({ audio: true, video: true });
        for (const track of stream.getTracks()) connection.addTransceiver(track, { direction: 'sendonly' });
      } else {
        const tracks = ['audio', 'video'].map(
          (kind) => connection.addTransceiver(kind, { direction: 'recvonly' }).receiver.track,
        );
        // What is not played has no energy in the browser's statistics.
        const element = document.body.appendChild(document.createElement('video'));
        Object.assign(element, { autoplay: true, srcObject: new MediaStream(tracks) });
      }
      await connection.setLocalDescription();
      return connection.localDescription.sdp;
    }, publishes);
    const { status, location, body } = await this.#ask('POST', this.#door.url, offer);
    if (status !== 201) throw new Error(`${this.#door.url} answered ${status}: ${body}`);
    this.#session = new URL(location, this.#door.url).href;
    await this.#page.evaluate((sdp) => window.device.setRemoteDescription({ type: 'answer', sdp }), body);
    const state = () => this.#page.evaluate(() => window.device.connectionState);
    await until('the device connects', async () => (await state()) === 'connected', {
      within: CONNECTED_WITHIN_MS,
      last: state,
    });
  }

  #ask(method, url, sdp = '') {
    return new Promise((resolve, reject) => {
      const headers = { authorization: `Bearer ${this.#door.token}`, 'content-type': 'application/sdp' };
      const asked = request(url, { method, headers, rejectUnauthorized: false }, (response) => {
        let body = '';
        response.setEncoding('utf8').on('data', (chunk) => (body += chunk));
        response.on('end', () => resolve({ status: response.statusCode, location: response.headers.location, body }));
      });
      asked.on('error', reject);
      asked.end(sdp);
    });
  }

  /** Frames decoded and sound energy received so far. */
  received() {
    return this.#page.evaluate(async () => {
      const received = [...(await window.device.getStats()).values()].filter((one) => one.type === 'inbound-rtp');
      const sum = (key) => received.reduce((total, one) => total + (one[key] ?? 0), 0);
      return { frames: sum('framesDecoded'), energy: sum('totalAudioEnergy') };
    });
  }

  /** Ends the session as the standards say. */
  async leave() {
    const { status } = await this.#ask('DELETE', this.#session);
    return status;
  }

  close() {
    return this.#browser.close();
  }
}
