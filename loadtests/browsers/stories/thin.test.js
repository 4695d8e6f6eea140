// A member's line becomes thin: everybody stays to be seen, small, and the speaker to be heard; large pictures wait.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Meeting } from '../stage/meeting.js';
import { until } from '../stage/until.js';
import { concealedDuring, hears, perceived, seesMoving } from '../stage/watch.js';

const DELEGATES = 7;
const THIN_KBPS = 600;
const LOST_PERCENT = 5;
const DELAY_EACH_WAY_MS = 50;
const SETTLES_WITHIN_MS = 8_000;
/** What Microsoft's Call Quality Dashboard calls a poor stream. */
const POOR_SHARE = 0.07;

for (const browser of ['chromium', 'firefox']) {
  describe(`a member's line becomes thin (${browser})`, { timeout: 240_000 }, () => {
    let meeting, chair, member, others, host;

    before(async () => {
      meeting = await Meeting.start({ members: 1 + DELEGATES, hosts: 1 });
      [host] = meeting.network.hosts;
      const [first, ...rest] = meeting.roster.members;
      chair = await meeting.enter(meeting.roster.chair, { camera: 'large' });
      await chair.goIn();
      await host.delay(meeting.network.address, meeting.mediaPort, DELAY_EACH_WAY_MS);
      member = await meeting.enter(first, { host, with: browser });
      await meeting.delegates(rest);
      await chair.waitsInLobby(1 + DELEGATES);
      await chair.admitAll();
      await chair.open();
      others = [chair, ...rest];
      await seesMoving(member, others, { within: 10_000 });
      await chair.giveFloor(rest[0]);
    });
    after(() => meeting?.close());

    const heightOfChair = async () => (await perceived(member)).get(chair.id).height;
    const chairIsSeen = (how, fits, within) =>
      until(`the chair is seen ${how}`, async () => fits(await heightOfChair()), {
        within,
        last: async () => [await heightOfChair(), await chair.outgoing()],
      });
    const large = (lines) => lines >= 360;
    const small = (lines) => lines === 180;

    test('and gets the enlarged smaller, everybody moving and the speaker clear; then the enlarged again', async () => {
      const [speaker] = others.slice(1);
      await member.enlarge(chair);
      await chairIsSeen('large', large, 15_000);
      host.thin(THIN_KBPS, LOST_PERCENT);
      await chairIsSeen('small', small, 10_000);
      // A line that has just become so much thinner is full for a moment, and what had to wait comes back with key frames.
      await seesMoving(member, others, { within: SETTLES_WITHIN_MS });
      const concealed = await concealedDuring(member, speaker, async () => {
        for (let round = 0; round < 4; round++) await seesMoving(member, others, { within: 3_000 });
        await hears(member, speaker, { within: 3_000 });
      });
      assert.ok(concealed < POOR_SHARE, `${(100 * concealed).toFixed(1)} % of the speaker's sound was made up`);
      host.widen();
      await chairIsSeen('large again', large, 20_000);
      await seesMoving(member, others, { within: 3_000 });
    });
  });
}
