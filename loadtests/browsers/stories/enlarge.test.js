// Anybody can be enlarged by anybody, and is then received in a larger layer.

import { after, before, describe, test } from 'node:test';
import { Meeting } from '../stage/meeting.js';
import { until } from '../stage/until.js';
import { perceived, seesMoving } from '../stage/watch.js';

const LARGER_WITHIN_MS = 5_000;

describe('a member enlarges the chair', { timeout: 120_000 }, () => {
  let meeting, chair, member;

  before(async () => {
    meeting = await Meeting.start({ members: 2 });
    const [first, second] = meeting.roster.members;
    chair = await meeting.enter(meeting.roster.chair, { camera: 'large' });
    await chair.goIn();
    member = await meeting.enter(first, {});
    await meeting.delegates([second]);
    await chair.waitsInLobby(2);
    await chair.admitAll();
    await seesMoving(member, [chair], { within: 5_000 });
  });
  after(() => meeting?.close());

  const sizeAtMember = async () => (await perceived(member)).get(chair.id).height;

  const isSeenIn = (height) =>
    until(`the chair is seen in ${height} lines`, async () => (await sizeAtMember()) === height, {
      within: LARGER_WITHIN_MS,
      last: async () => [await sizeAtMember(), await chair.outgoing()],
    });

  test('and sees them in the largest layer, and in the smallest again afterwards', async () => {
    await isSeenIn(180);
    await member.enlarge(chair);
    await isSeenIn(720);
    await member.enlarge(chair); // the same again takes it back
    await isSeenIn(180);
  });
});
