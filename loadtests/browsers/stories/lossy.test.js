// What the chair is told when a member's line loses far more than sending again and redundancy repair. A meeting of its own:
// the third alert about somebody within five minutes stays until it is acknowledged.

import { after, before, describe, test } from 'node:test';
import { Meeting } from '../stage/meeting.js';
import { seesMoving } from '../stage/watch.js';

// Of what they send, and of what comes to them. What is lost on the way to the relay is sent again: with 60 % lost, the picture
// stood still for hardly more than the fifth of the time that the red limit is; with 80 %, for far more.
const LOST_PERCENT = { out: 80, in: 60 };
// A line that loses much is told within twelve seconds of the first bad one, and half a second for the test's own.
const ALERTED_WITHIN_MS = 12_500;
// An alarm clears after 5 s without a bad second in this profile, and the windows are ten seconds long.
const CLEARED_WITHIN_MS = 40_000;

describe('the chair is told of a bad line', { timeout: 180_000 }, () => {
  let meeting, chair, member;

  before(async () => {
    meeting = await Meeting.start({ members: 4, hosts: 1 });
    const [first, ...simulated] = meeting.roster.members;
    chair = await meeting.enter(meeting.roster.chair, {});
    await chair.goIn();
    member = await meeting.enter(first, { host: meeting.network.hosts[0] });
    await meeting.delegates(simulated);
    await chair.waitsInLobby(meeting.roster.members.length);
    await chair.admitAll();
    await chair.open();
    await seesMoving(chair, [member, ...simulated], { within: 10_000 });
  });
  after(() => meeting?.close());

  for (const [way, direction, what] of [
    ['out', 'seen', 'that a member is not seen, when most of what they send is lost; and it clears'],
    ['in', 'sees', 'that a member does not see, when most of what comes to them is lost; and it clears'],
  ]) {
    test(what, async () => {
      member.host.lose(way, LOST_PERCENT[way]);
      // Which of the rows turns red first depends on how much the relay holds back: either names person and direction.
      await chair.seesAlert({ about: member, direction, within: ALERTED_WITHIN_MS, poor: true });
      member.host.loseNoMore();
      await chair.seesNoAlert({ about: member, within: CLEARED_WITHIN_MS });
    });
  }
});
