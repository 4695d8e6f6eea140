// The gavel waits while somebody who serves is not on equal terms, and the journal proves what was measured as it fell.

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { isAccessible, looksRight } from '../stage/looks.js';
import { Meeting } from '../stage/meeting.js';
import { SCREENSHOTS } from '../stage/paths.js';
import { until } from '../stage/until.js';
import { seesMoving } from '../stage/watch.js';

const ALERTED_WITHIN_MS = 6_500;
const PRESSED_WITHIN_MS = 10_000;

describe('the gavel', { timeout: 300_000 }, () => {
  let meeting, chair, member, simulated;

  before(async () => {
    meeting = await Meeting.start({ members: 3, items: [{ title: 'Ärende ett' }] });
    const [first, ...rest] = meeting.roster.members;
    simulated = rest;
    chair = await meeting.enter(meeting.roster.chair, {});
    await chair.goIn();
    member = await meeting.enter(first, {});
    await meeting.delegates(simulated);
    await chair.waitsInLobby(meeting.roster.members.length);
    await chair.admitAll();
    await chair.open();
    await seesMoving(chair, [member, ...simulated], { within: 10_000 });
  });
  after(() => meeting?.close());

  /** From the deliberation to the moment where the gavel falls unless somebody asks for a vote. */
  async function reachesVotePause(question) {
    await chair.presses('close-deliberation');
    await chair.confirmsPresence();
    await chair.page.getByTestId('next-step').locator('textarea').fill(question);
    await chair.presses('put-question');
    await chair.presses('pause-for-vote');
  }

  test('the roll call shows who is called, and their answer stands beside what is measured', async () => {
    await chair.presses('begin-roll-call');
    await until(
      `${member.name} is called`,
      async () => {
        if (await member.page.getByTestId('called').isVisible()) return true;
        await chair.presses('call-next');
        return false;
      },
      { within: PRESSED_WITHIN_MS, every: 500 },
    );
    await member.presses('answer-roll-call');
    await chair.presses('end-roll-call');
  });

  test('waits while a camera is covered, through a presence check too, and falls when the picture is back', async () => {
    await chair.presses('begin-next');
    await reachesVotePause('bifalla förslaget');
    const gavel = chair.page.getByTestId('gavel');
    const waits = () => gavel.isDisabled();
    assert.equal(await waits(), false);

    await member.cameraSees('covered');
    await chair.seesAlert({ about: member, direction: 'seen', within: ALERTED_WITHIN_MS });
    await until('the gavel waits', waits, { within: PRESSED_WITHIN_MS });
    await chair.confirmsPresence();
    await until('the gavel is released', async () => !(await waits()), { within: PRESSED_WITHIN_MS });
    await until('and waits again, since the camera is still covered', waits, { within: 12_000 });

    await member.cameraSees('moving');
    await chair.seesNoAlert({ about: member, within: 40_000 });
    await until('the gavel is free', async () => !(await waits()), {
      within: 12_000,
      last: () => chair.page.getByTestId('held').innerText(),
    });
    await chair.presses('gavel');
    await chair.presses('pause-for-reservations');
    await chair.presses('end-reservations');
  });

  test('falls all the same for a reason, which the journal keeps', async () => {
    await reachesVotePause('avslå yrkandet');
    await member.cameraSees('covered');
    await chair.seesAlert({ about: member, direction: 'seen', within: ALERTED_WITHIN_MS });
    // The third in five minutes stands until the chair has seen it.
    await chair.acknowledges(member);
    await chair.presses('anyway');
    await chair.presses('anyway-send');
    await member.cameraSees('moving');
    await chair.isAtStep('decided');
  });

  test('is corrected, and both can be read', async () => {
    const decisions = chair.page.getByTestId('decisions');
    await decisions.getByTestId('correct').last().click();
    const dialog = chair.page.getByRole('dialog');
    await dialog.locator('textarea').fill('bifalla yrkandet');
    await dialog.getByTestId('correct-send').click();
    await chair.reads('Rättelse: bifalla yrkandet');
    await chair.reads('avslå yrkandet');
    await looksRight(chair, 'corrected');
  });

  test('a vote waits as well, for the camera and then for the chair', async () => {
    // Of a picture that is still missing from the decision before the chair knows already.
    await chair.seesNoAlert({ about: member, within: 40_000 });
    await chair.presses('pause-for-reservations');
    await chair.presses('end-reservations');
    await reachesVotePause('anta yttrandet');
    await chair.presses('open-vote');
    const opening = chair.page.getByRole('dialog');
    await opening.getByRole('textbox').last().fill('avslå yttrandet');
    await opening.getByTestId('open-vote-send').click();
    await chair.isAtStep('voting');

    await member.cameraSees('covered');
    await chair.seesAlert({ about: member, direction: 'seen', within: ALERTED_WITHIN_MS });
    const resume = chair.page.getByTestId('resume-vote');
    const nextStep = { within: PRESSED_WITHIN_MS, last: () => chair.page.getByTestId('next-step').innerText() };
    await until('the vote is suspended', () => resume.isDisabled(), nextStep);
    assert.equal(await member.page.getByTestId('vote-yes').isVisible(), false);
    await looksRight(chair, 'vote-suspended');

    await chair.acknowledges(member);
    await member.cameraSees('moving');
    await chair.seesNoAlert({ about: member, within: 40_000 });
    await until('it may be resumed', () => resume.isEnabled(), nextStep);
    await chair.presses('resume-vote');
    await member.presses('vote-yes');
    await until(
      'a vote is given',
      async () => (await chair.page.getByTestId('voted').innerText()).startsWith('1'),
      nextStep,
    );
    await chair.presses('close-vote');
  });

  test('the journal, verified from its export alone, has what was measured with each decision', async () => {
    const events = (await meeting.verifiedJournal()).map(({ event }) => event);
    const decided = events.filter(({ type }) => type === 'decided');
    const voted = events
      .map(({ type }) => type)
      .filter((type) => type.startsWith('vote') && type !== 'vote_pause_began');
    assert.deepEqual(voted, ['vote_opened', 'vote_suspended', 'vote_resumed', 'voted', 'vote_closed']);
    const [{ event, text }] = events.filter(({ type }) => type === 'corrected');
    assert.deepEqual([events[event - 1], text], [decided[1], 'bifalla yrkandet']);
    assert.deepEqual(
      decided.map(({ despite }) => despite),
      [null, 'confirmed_by_member'],
    );
    for (const one of decided) {
      const { type, measured } = events[events.indexOf(one) - 1];
      assert.equal(type, 'measured');
      assert.ok(measured.samples.lines > 0);
      const places = measured.matrix.people.length;
      assert.ok(places >= 4 && measured.matrix.sound.every((row) => row.length === places));
      const red = measured.people.filter(({ directions }) => directions.some(({ level }) => level === 'red'));
      assert.deepEqual(
        red.map(({ participant }) => participant),
        one.despite ? [member.id] : [],
      );
    }
  });

  test('the report says of each decision what was so, and no more', async () => {
    const said = {
      sv: { flawless: 'Inga uppmätta brister', covered: 'syntes inte', reason: 'ledamoten' },
      en: { flawless: 'No measured breaches', covered: 'was not seen', reason: 'member' },
    };
    const page = await chair.page.context().newPage();
    for (const [language, { flawless, covered, reason }] of Object.entries(said)) {
      await page.goto(pathToFileURL(await meeting.report(language)).href);
      const [held, despite] = await page.locator('article[id^="decision-"]').allInnerTexts();
      assert.ok(held.includes(flawless), held);
      assert.ok(!despite.includes(flawless), despite);
      assert.ok(despite.includes(`${member.name} ${covered}`) && despite.includes(reason), despite);
      await isAccessible(page, `the report (${language})`);
      await page.screenshot({ path: join(SCREENSHOTS, `report-gavel-${language}.png`), fullPage: true });
    }
  });
});
