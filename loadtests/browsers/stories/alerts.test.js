// What the chair is told when a member's network, camera or picture fails, and when it is well again.

import { after, before, describe, test } from 'node:test';
import { Meeting } from '../stage/meeting.js';
import { seesMoving } from '../stage/watch.js';

// The row's own time and one second more (docs: profile `likvardig-1`).
const ALERTED_WITHIN_MS = 6_000;
// An alarm clears after 30 s without a bad second.
const CLEARED_WITHIN_MS = 40_000;

describe('the chair is told', { timeout: 300_000 }, () => {
  let meeting, chair, member, delegates, simulated;

  before(async () => {
    meeting = await Meeting.start({ members: 4 });
    const [first, ...rest] = meeting.roster.members;
    simulated = rest;
    chair = await meeting.enter(meeting.roster.chair, {});
    await chair.goIn();
    member = await meeting.enter(first, { host: meeting.network.host() });
    delegates = await meeting.delegates(simulated);
    await chair.waitsInLobby(meeting.roster.members.length);
    await chair.admitAll();
    await chair.open();
    await seesMoving(chair, [member, ...simulated], { within: 10_000 });
  });
  after(() => meeting?.close());

  test('that a member is gone, when the network is cut; and it clears', async () => {
    member.host.cut();
    await chair.seesAlert({ about: member, direction: 'link', within: ALERTED_WITHIN_MS });
    member.host.restore();
    await chair.seesNoAlert({ about: member, within: CLEARED_WITHIN_MS });
    await seesMoving(chair, [member], { within: 5_000 });
  });

  test('that a member is not seen, when the camera is covered; and it clears', async () => {
    await member.sendPicture('covered');
    await chair.seesAlert({ about: member, direction: 'seen', within: ALERTED_WITHIN_MS });
    await member.sendPicture('camera');
    await chair.seesNoAlert({ about: member, within: CLEARED_WITHIN_MS });
  });

  test('that a member is not seen, when the picture freezes; and it clears', async () => {
    await member.sendPicture('frozen');
    await chair.seesAlert({ about: member, direction: 'seen', within: ALERTED_WITHIN_MS });
    await member.sendPicture('camera');
    await chair.seesNoAlert({ about: member, within: CLEARED_WITHIN_MS });
  });

  test('the same of simulated delegates', async () => {
    delegates.cut(1);
    await chair.seesAlert({ about: simulated[0], direction: 'link', within: ALERTED_WITHIN_MS });
    delegates.restore(1);
    delegates.freeze(2);
    await chair.seesAlert({ about: simulated[1], direction: 'seen', within: ALERTED_WITHIN_MS });
    delegates.restore(2);
    delegates.cover(3);
    await chair.seesAlert({ about: simulated[2], direction: 'seen', within: ALERTED_WITHIN_MS });
    delegates.restore(3);
  });
});
