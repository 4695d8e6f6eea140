// While every browser in the meeting decodes H.264 that is what is sent; as soon as somebody comes who does not, lobby
// included, everybody sends VP8 again, and nobody's picture stands still for it.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Meeting } from '../stage/meeting.js';
import { until } from '../stage/until.js';
import { perceived, seesMoving } from '../stage/watch.js';

/** The relay waits ten seconds, lest somebody who reloads a page turn everybody's picture over twice. */
const H264_WITHIN_MS = 20_000;
const VP8_WITHIN_MS = 3_000;
/** The equal-terms verdict says amber of half a second in ten. */
const LONGEST_STANDSTILL_S = 0.5;

describe('what pictures are encoded as', { timeout: 180_000 }, () => {
  let meeting, chair, member, guest;

  before(async () => {
    meeting = await Meeting.start({ members: 2 });
    const [first, second] = meeting.roster.members;
    guest = second;
    chair = await meeting.enter(meeting.roster.chair, {});
    await chair.goIn();
    member = await meeting.enter(first, {});
    await chair.waitsInLobby(1);
    await chair.admit(member);
    await seesMoving(chair, [member], { within: 10_000 });
    await seesMoving(member, [chair], { within: 10_000 });
  });
  after(() => meeting?.close());

  const seenAs = async (viewer, person) => (await perceived(viewer)).get(person.id);

  /**
   * Until chair and member see each other in `codec`; returns how long each picture stood still for the change, in
   * seconds: what it stood still before, while pages were still being opened, is another matter.
   */
  async function isUsed(codec, within) {
    const both = [
      [chair, member],
      [member, chair],
    ];
    const views = () => Promise.all(both.map(([viewer, person]) => seenAs(viewer, person)));
    const before = await views();
    const changed = async () => {
      const now = await views();
      now.forEach((view, n) => view.codec !== codec && (before[n] = view));
      return now.every((view) => view.codec === codec);
    };
    await until(`pictures are ${codec}`, changed, {
      within,
      last: async () => [await views(), await chair.outgoing(), await member.outgoing()],
    });
    await Promise.all(both.map(([viewer, person]) => seesMoving(viewer, [person], { within: 5_000 })));
    return (await views()).map((view, n) => view.frozen - before[n].frozen);
  }

  test('H.264 while everybody decodes it', async () => {
    const standstills = await isUsed('video/H264', H264_WITHIN_MS);
    assert.ok(Math.max(...standstills) < LONGEST_STANDSTILL_S, `${standstills}`);
    for (const { rid, frames, codec } of await chair.outgoing()) {
      if (frames > 0) assert.equal(codec, 'video/H264', `layer ${rid}`);
    }
  });

  test('VP8 as soon as somebody waits in the lobby who does not', async () => {
    await meeting.delegates([guest]);
    await chair.waitsInLobby(1);
    const standstills = await isUsed('video/VP8', VP8_WITHIN_MS);
    assert.ok(Math.max(...standstills) < LONGEST_STANDSTILL_S, `${standstills}`);
    await chair.admit(guest);
    await seesMoving(chair, [member, guest], { within: 5_000 });
    await seesMoving(member, [chair, guest], { within: 5_000 });
  });
});
