// A member sits behind a firewall that lets no UDP through; another one's lets it through until the middle of the
// meeting.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { SMALL_SCREEN } from '../stage/chromium.js';
import { Meeting } from '../stage/meeting.js';
import { until } from '../stage/until.js';
import { hears, seesMoving } from '../stage/watch.js';

describe('members whose networks let no UDP through', { timeout: 180_000 }, () => {
  let meeting, chair, behind, moved;

  before(async () => {
    meeting = await Meeting.start({ members: 2, hosts: 2 });
    const [first, second] = meeting.roster.members;
    const [closed, open] = meeting.network.hosts;
    closed.allowTcpOnly();
    chair = await meeting.enter(meeting.roster.chair, { screen: SMALL_SCREEN });
    await chair.goIn();
    behind = await meeting.enter(first, { host: closed, screen: SMALL_SCREEN, voice: 180 });
    moved = await meeting.enter(second, { host: open, screen: SMALL_SCREEN, voice: 240 });
    await chair.waitsInLobby(2);
    await chair.admitAll();
  });
  after(() => meeting?.close());

  test('come over the HTTPS port, are seen and see', async () => {
    assert.equal(await behind.protocol(), 'tcp');
    assert.equal(await moved.protocol(), 'udp', 'UDP is preferred where it comes through');
    await seesMoving(chair, [behind, moved], { within: 10_000 });
    await seesMoving(behind, [chair, moved], { within: 10_000 });
  });

  test('are heard', async () => {
    await chair.open();
    await chair.giveFloor(behind);
    await hears(chair, behind, { within: 10_000 });
  });

  test('and go on over it when UDP is lost in the middle of the meeting', async () => {
    meeting.network.hosts[1].allowTcpOnly();
    const { took } = await until('media go over TCP', async () => (await moved.protocol()) === 'tcp', {
      within: 10_000,
      last: () => moved.protocol(),
    });
    await seesMoving(chair, [moved], { within: 10_000 });
    await seesMoving(moved, [chair, behind], { within: 10_000 });
    console.log(`from the loss of UDP to TCP: ${took} ms`);
  });
});
