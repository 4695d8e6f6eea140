// Everybody fits on the screen, in both languages, and the page can be used without eyes or mouse.

import { after, before, describe, test } from 'node:test';
import { SHARP } from '../stage/chromium.js';
import { looksRight } from '../stage/looks.js';
import { Meeting } from '../stage/meeting.js';
import { until } from '../stage/until.js';
import { seesMoving } from '../stage/watch.js';

const SIMULATED = 10;

describe('the pages', { timeout: 240_000 }, () => {
  let meeting, chair, member, delegates, simulated;

  before(async () => {
    meeting = await Meeting.start({ members: 1 + SIMULATED });
    const [first, ...rest] = meeting.roster.members;
    simulated = rest;
    chair = await meeting.enter(meeting.roster.chair, { pixels: SHARP });
    await chair.goIn();
    member = await meeting.enter(first, { pixels: SHARP });
    delegates = await meeting.delegates(simulated);
  });
  after(() => meeting?.close());

  test('the lobby', async () => {
    await looksRight(member, 'lobby');
  });

  test('the meeting, where everybody is seen whole on every screen', async () => {
    await chair.waitsInLobby(1 + SIMULATED);
    await looksRight(chair, 'chair-lobby');
    await chair.admitAll();
    await chair.open();
    await chair.giveFloor(member);
    await seesMoving(member, [chair, ...simulated], { within: 10_000 });
    await seesMoving(chair, [member, ...simulated], { within: 10_000 });
    await looksRight(member, 'meeting', everyoneFits);
    await looksRight(chair, 'chair', everyoneFits);
  });

  test('the chair with an alert', async () => {
    delegates.freeze(3);
    await chair.seesAlert({ about: simulated[2], direction: 'seen', within: 10_000 });
    await looksRight(chair, 'alert', everyoneFits);
  });
});

async function everyoneFits(participant, screen) {
  const outside = () =>
    participant.evaluate(() =>
      [...document.querySelectorAll('button[data-participant]')]
        .map((tile) => ({ who: tile.dataset.participant, box: tile.getBoundingClientRect() }))
        .filter(({ box }) => box.left < 0 || box.top < 0 || box.right > innerWidth + 1 || box.bottom > innerHeight + 1)
        .map(({ who }) => who),
    );
  // The page arranges the tiles anew after the screen has changed.
  await until(`everybody fits the ${screen}`, async () => (await outside()).length === 0, {
    within: 2_000,
    last: outside,
  });
}
