// Whoever comes with a wrong, used or spoiled invitation is told so, and the meeting does not notice.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Meeting } from '../stage/meeting.js';
import { until } from '../stage/until.js';
import { seesMoving } from '../stage/watch.js';

describe('at the door', { timeout: 180_000 }, () => {
  let meeting, chair, member;

  before(async () => {
    meeting = await Meeting.start({ members: 2 });
    chair = await meeting.enter(meeting.roster.chair, {});
    await chair.goIn();
    member = await meeting.enter(meeting.roster.members[0], {});
    await chair.waitsInLobby(1);
    await chair.admit(member);
    await chair.open();
  });
  after(() => meeting?.close());

  test('an invitation that was used on another device is refused, in words', async () => {
    const told = await meeting.readsAtDoor(meeting.roster.members[0].invitation);
    assert.match(told, /inbjudan/i);
  });

  test('an invitation that never was is refused, in words', async () => {
    const { invitation } = meeting.roster.members[1];
    const wrong = invitation.replace(/.{4}$/, 'AAAA');
    const told = await meeting.readsAtDoor(wrong);
    assert.match(told, /inbjudan/i);
  });

  test('without an invitation nobody is let further than the door', async () => {
    const told = await meeting.readsAtDoor(meeting.url);
    assert.match(told, /inbjudan/i);
  });

  test('a page that sends nonsense comes back, and the others do not notice', async () => {
    const welcomes = () => member.evaluate(() => window.observed.welcomes());
    const before = await welcomes();
    await member.evaluate(() => window.observed.sendNonsense());
    await until('the page is back', async () => (await welcomes()) > before, { within: 10_000, last: welcomes });
    await member.requestFloor();
    await chair.seesRequest(member);
    await seesMoving(chair, [member], { within: 5_000 });
  });
});
