// Anybody can be enlarged by anybody, and is then received in a larger layer; layers that nobody wants are not sent.

import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Meeting } from '../stage/meeting.js';
import { until } from '../stage/until.js';
import { perceived, seesMoving } from '../stage/watch.js';

const LARGER_WITHIN_MS = 5_000;
/** A layer that nobody wants any more lingers for five seconds. */
const STOPS_WITHIN_MS = 10_000;
/** Longer than between two frames of any layer. */
const LOOKS_FOR_MS = 700;

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

  /** The layers of the chair's picture of which frames are being encoded. */
  const sent = async () => {
    const frames = async () => new Map((await chair.outgoing()).map(({ rid, frames }) => [rid, frames]));
    const before = await frames();
    await sleep(LOOKS_FOR_MS);
    return [...(await frames())].filter(([rid, count]) => count > before.get(rid)).map(([rid]) => rid);
  };

  const sends = (rids) =>
    until(`the chair sends ${rids}`, async () => String((await sent()).sort()) === String(rids), {
      within: STOPS_WITHIN_MS,
      last: sent,
    });

  test('nobody has enlarged the chair: the lowest layer alone is sent', async () => {
    await sends(['l']);
  });

  test('and sees them in the largest layer, and in the smallest again afterwards', async () => {
    await isSeenIn(180);
    await member.enlarge(chair);
    await isSeenIn(720);
    await member.enlarge(chair); // the same again takes it back
    await isSeenIn(180);
    await sends(['l']);
  });
});
