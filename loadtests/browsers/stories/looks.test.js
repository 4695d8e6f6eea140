// Everybody fits on the screen, in both languages, and the page can be used without eyes or mouse.

import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { AxeBuilder } from '@axe-core/playwright';
import { SCREENS, SHARP } from '../stage/chromium.js';
import { Meeting } from '../stage/meeting.js';
import { SCREENSHOTS } from '../stage/paths.js';
import { until } from '../stage/until.js';
import { seesMoving } from '../stage/watch.js';

// DOS-lagen's EN 301 549 asks for WCAG 2.1 AA.
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'];
const SIMULATED = 10;

describe('the pages', { timeout: 240_000 }, () => {
  let meeting, chair, member, delegates, simulated;

  before(async () => {
    await mkdir(SCREENSHOTS, { recursive: true });
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

/** Both languages, every screen: a picture for people to look at, and nothing that axe finds wrong. */
async function looksRight(participant, name, also = () => {}) {
  const { page } = participant;
  for (const language of ['sv', 'en']) {
    await participant.readsIn(language);
    for (const [screen, size] of Object.entries(SCREENS)) {
      await page.setViewportSize(size);
      await also(participant, screen);
      await page.screenshot({ path: join(SCREENSHOTS, `${name}-${screen}-${language}.png`) });
    }
    const { violations } = await new AxeBuilder({ page }).withTags(RULES).analyze();
    const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(' ')}`);
    assert.deepEqual(found, [], `accessibility of ${name} (${language})`);
  }
  await participant.readsIn('sv');
  await page.setViewportSize(SCREENS.desktop);
}

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
