// A member's computer comes to another network in the middle of the meeting.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { SMALL_SCREEN } from '../stage/chromium.js';
import { Meeting } from '../stage/meeting.js';
import { seesMoving } from '../stage/watch.js';

/** From the change until both see each other move again: a restart of ICE, not a new connection. */
const WITHIN_MS = 5_000;

describe('a member whose address changes', { timeout: 180_000 }, () => {
  let meeting, chair, member;

  before(async () => {
    meeting = await Meeting.start({ members: 1, hosts: 1 });
    chair = await meeting.enter(meeting.roster.chair, { screen: SMALL_SCREEN });
    await chair.goIn();
    const [host] = meeting.network.hosts;
    member = await meeting.enter(meeting.roster.members[0], { host, screen: SMALL_SCREEN, voice: 180 });
    await chair.waitsInLobby(1);
    await chair.admit(member);
    await seesMoving(chair, [member], { within: 10_000 });
    await seesMoving(member, [chair], { within: 10_000 });
  });
  after(() => meeting?.close());

  test('is seen and sees again within seconds, over the same connection', async () => {
    const connections = () => member.evaluate(() => window.observed.connections());
    const before = await connections();
    const [host] = meeting.network.hosts;
    host.moveTo(host.address.replace(/\d+$/, '77'));
    const [seen, sees] = await Promise.all([
      seesMoving(chair, [member], { within: WITHIN_MS }),
      seesMoving(member, [chair], { within: WITHIN_MS }),
    ]);
    console.log(`seen again after ${Math.round(seen.took)} ms, sees again after ${Math.round(sees.took)} ms`);
    assert.equal(await connections(), before, 'no new connection was made');
  });
});
