// The server is killed in the middle of a meeting and started again: the meeting goes on.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Meeting } from '../stage/meeting.js';
import { hears, seesMoving } from '../stage/watch.js';

const BACK_WITHIN_MS = 5_000;

describe('the server is killed and started again', { timeout: 240_000 }, () => {
  let meeting, chair, member, another;

  before(async () => {
    meeting = await Meeting.start({ members: 4 });
    const [first, second, ...simulated] = meeting.roster.members;
    chair = await meeting.enter(meeting.roster.chair, {});
    await chair.goIn();
    member = await meeting.enter(first, { voice: 180 });
    another = await meeting.enter(second, { voice: 220 });
    await meeting.delegates(simulated);
    await chair.waitsInLobby(meeting.roster.members.length);
    await chair.admitAll();
    await chair.open();
    await chair.giveFloor(member);
    await hears(another, member, { within: 10_000 });
  });
  after(() => meeting?.close());

  test('all pages see and hear again within 5 s of the kill, and the floor is where it was', async () => {
    const start = performance.now();
    await meeting.killServer();
    await meeting.startServer();
    const left = () => BACK_WITHIN_MS - (performance.now() - start);
    await Promise.all([
      seesMoving(chair, [member, another], { within: left() }),
      seesMoving(member, [chair, another], { within: left() }),
      seesMoving(another, [chair, member], { within: left() }),
      hears(another, member, { within: left() }),
      hears(chair, member, { within: left() }),
    ]);
    assert.ok(await chair.hasFloor(member));
  });

  test('the journal verifies, and everything acknowledged is in it', async () => {
    const events = await meeting.verifiedJournal();
    const happened = (word) => events.some((event) => JSON.stringify(event).toLowerCase().includes(word));
    for (const word of ['created', 'opened', 'floor'])
      assert.ok(happened(word), `${word} is in ${JSON.stringify(events)}`);
  });
});
