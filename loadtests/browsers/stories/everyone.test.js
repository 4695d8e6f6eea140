// People at browsers and simulated delegates meet: everyone sees everyone, and hears whoever has the floor. With
// COUNCIL=large there are four browsers and eight delegates, which two slow cores do not carry.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { SMALL_SCREEN as screen } from '../stage/chromium.js';
import { Meeting } from '../stage/meeting.js';
import { energyDuring, hears, isSilent, seesMoving } from '../stage/watch.js';
import { until } from '../stage/until.js';

const IS_LARGE = process.env.COUNCIL === 'large';
const SIMULATED = IS_LARGE ? 8 : 4;
const SEEN_WITHIN_MS = 3_000;

describe('a council meets', { timeout: 240_000 }, () => {
  let meeting, chair, member, pages, everyone, simulated;

  before(async () => {
    meeting = await Meeting.start({ members: 2 + SIMULATED });
    const [first, second, ...others] = meeting.roster.members;
    simulated = others;
    chair = await meeting.enter(meeting.roster.chair, { camera: 'layered', voice: 110 });
    await chair.goIn();
    const chamber = await meeting.enter(meeting.roster.chamber, { voice: 90, screen });
    member = await meeting.enter(first, { voice: 180, screen });
    pages = [chair, chamber, member];
    if (IS_LARGE) pages.push(await meeting.enter(second, { voice: 220, screen }));
    await meeting.delegates(simulated);
    everyone = [...pages, ...simulated];
  });
  after(() => meeting?.close());

  const othersOf = (page) => everyone.filter(({ id }) => id !== page.id);

  test('every page decodes everybody within 3 s of the last admission', async () => {
    await chair.waitsInLobby(everyone.length - 1);
    await chair.admitAll();
    await Promise.all(pages.map((page) => seesMoving(page, othersOf(page), { within: SEEN_WITHIN_MS })));
  });

  test('the chair opens, and the pictures go on moving', async () => {
    await chair.open();
    await Promise.all(pages.map((page) => seesMoving(page, othersOf(page), { within: SEEN_WITHIN_MS })));
  });

  test('the chair sends three layers to whoever wants the highest', async () => {
    await member.enlarge(chair);
    await until(
      'three layers are encoded',
      async () => (await chair.outgoing()).filter((layer) => layer.frames > 0).length === 3,
      { within: 10_000, last: () => chair.outgoing() },
    );
    await member.enlarge(chair);
  });

  test('whoever has the floor is heard by everybody', async () => {
    for (const speaker of [member, simulated[0]]) {
      await chair.giveFloor(speaker);
      const listeners = pages.filter((page) => page.id !== speaker.id);
      await Promise.all(listeners.map((page) => hears(page, speaker, { within: SEEN_WITHIN_MS })));
    }
  });

  test('a closed microphone is silent, even when the page is made to send', async () => {
    const [speaker] = simulated;
    await hears(chair, speaker, { within: SEEN_WITHIN_MS });
    assert.equal(await member.sendTone(), 'running');
    // While somebody else is heard for a while, nothing may come from the closed microphone.
    const energies = await energyDuring(chair, [member], () => hears(chair, speaker, { within: SEEN_WITHIN_MS }));
    assert.ok(isSilent(energies.get(member.name)), `heard ${energies.get(member.name)} from a closed microphone`);
    // And the tone was really there: with the floor it is heard.
    await chair.giveFloor(member);
    await hears(chair, member, { within: SEEN_WITHIN_MS });
  });

  test('Chromium and the relay agree on AES-GCM', async () => {
    for (const page of pages) {
      const { srtp, dtls } = await page.transport();
      assert.equal(dtls, 'connected');
      assert.match(srtp, /^(SRTP_)?AEAD_AES_128_GCM$/);
    }
  });
});
