// A member comes with Firefox, from another host.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Meeting } from '../stage/meeting.js';
import { seesMoving } from '../stage/watch.js';

describe('a member with Firefox', { timeout: 180_000 }, () => {
  let meeting, chair, member;

  before(async () => {
    meeting = await Meeting.start({ members: 2, hosts: 1 });
    const [first, second] = meeting.roster.members;
    chair = await meeting.enter(meeting.roster.chair, {});
    await chair.goIn();
    member = await meeting.enter(first, { host: meeting.network.hosts[0], with: 'firefox' });
    await meeting.delegates([second]);
    await chair.waitsInLobby(2);
    await chair.admitAll();
  });
  after(() => meeting?.close());

  test('is seen and sees', async () => {
    await seesMoving(chair, [member], { within: 5_000 });
    await seesMoving(member, [chair, meeting.roster.members[1]], { within: 5_000 });
  });

  test('and has an encrypted connection whose profile is known', async () => {
    const { dtls, srtp } = await member.transport();
    assert.equal(dtls, 'connected');
    assert.match(srtp, /AEAD_AES_128_GCM/);
  });
});
