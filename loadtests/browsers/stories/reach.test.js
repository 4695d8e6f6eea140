// `lika doctor reach`: another host's browser opens the address and tries both ways, past firewalls of its own.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { after, before, describe, test } from 'node:test';
import { startChromium } from '../stage/chromium.js';
import { Meeting } from '../stage/meeting.js';
import { LIKA } from '../stage/paths.js';
import { until } from '../stage/until.js';

describe('a device that tries to reach the server', () => {
  let meeting;
  before(async () => {
    meeting = await Meeting.start({ members: 1, hosts: 2 });
    // The doctor needs the ports.
    await meeting.killServer();
  });
  after(() => meeting?.close());

  /** What the doctor says after a browser on this host has opened the address, and how it ended. */
  async function triedFrom(host) {
    const doctor = spawn(LIKA, ['doctor', 'reach', '--language', 'sv', '--config', meeting.config]);
    let said = '';
    doctor.stdout.on('data', (chunk) => (said += chunk));
    doctor.stderr.on('data', (chunk) => (said += chunk));
    const ended = once(doctor, 'exit');
    const address = /^https:\/\/\S+\/reach\/\S+$/m;
    await until('the doctor shows an address', () => address.test(said), { within: 15_000 });
    const browser = await startChromium({ host });
    try {
      await browser.page.goto(said.match(address)[0]);
      await browser.page.locator('#end').waitFor({ timeout: 60_000 });
      const lines = await browser.page.locator('li').allInnerTexts();
      const [status] = await ended;
      return { said, status, lines };
    } finally {
      await browser.close();
    }
  }

  test('both ways come through where nothing is closed', async () => {
    const { said, status, lines } = await triedFrom(meeting.network.hosts[0]);
    assert.match(lines[0], /UDP når fram/);
    assert.match(lines[1], /TCP når fram/);
    assert.match(said, /når fram med UDP/);
    assert.match(said, /når fram med TCP/);
    assert.equal(status, 0, said);
  });

  test('a firewall that lets no UDP through is found', async () => {
    const host = meeting.network.hosts[1];
    host.allowTcpOnly();
    const { said, status, lines } = await triedFrom(host);
    assert.match(lines[0], /når inte fram/);
    assert.match(said, /UDP når inte fram\. Öppna UDP-porten i media\.bind/);
    assert.match(said, /når fram med TCP/);
    assert.equal(status, 1);
  });
});
