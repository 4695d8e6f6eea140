// The secretary convenes a meeting, sends out links and fetches records, on a page that can be used without eyes, mouse
// or script.

import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { SCREENS, SHARP, startChromium } from '../stage/chromium.js';
import { isAccessible } from '../stage/looks.js';
import { Meeting } from '../stage/meeting.js';
import { SCREENSHOTS } from '../stage/paths.js';

const PASTED = 'Roll\tNamn\tParti\nOrdförande\tOrdförande 1\tParti A\nLedamot\tLedamot 7\tParti B\n';
const WRONG = PASTED.replace('Ledamot\t', 'Ledamott\t');

/** A button's name for a screen reader: what is seen, and whom it is about. */
const spoken = (seen) => new RegExp(`^${seen}\\s*: Ledamot 7$`);

describe("the secretary's page", { timeout: 240_000 }, () => {
  let meeting, page, close;

  before(async () => {
    await mkdir(SCREENSHOTS, { recursive: true });
    meeting = await Meeting.start({ members: 2, administered: true });
    ({ page, close } = await startChromium({ pixels: SHARP }));
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  });
  after(async () => {
    await close?.();
    await meeting?.close();
  });

  test('one comes in with the token, by keyboard alone', async () => {
    await page.goto(`${meeting.url}/admin`);
    await looksRight('secretary-sign-in');
    await page.goto(`${meeting.url}/admin`);
    await page.getByLabel('Administratörens nyckel').focus();
    await page.keyboard.type(meeting.adminToken);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Sammanträden', level: 1 }).waitFor();
    await looksRight('secretary-meetings');
  });

  test('what is wrong in pasted rows is shown beside what to do', async () => {
    await page.goto(`${meeting.url}/admin/meetings/new`);
    await looksRight('secretary-form');
    await fillIn(WRONG);
    await page.getByRole('alert').getByRole('cell', { name: 'Ledamott' }).waitFor();
    await looksRight('secretary-wrong', { stays: true });
    assert.equal(await page.getByLabel('Rubrik').inputValue(), 'Nämnden 1 mars', 'what was written is still there');
  });

  test('a meeting is convened, a link copied and a calendar file fetched', async () => {
    await page.goto(`${meeting.url}/admin/meetings/new`);
    await fillIn(PASTED);
    await page.getByRole('heading', { name: 'Sammanträdet är kallat' }).waitFor();
    await looksRight('secretary-links', { stays: true });
    const link = await page.getByLabel('Länk till Ledamot 7').inputValue();
    await page.getByRole('button', { name: spoken('Kopiera') }).click();
    await page.getByText('Kopierad: Ledamot 7').waitFor();
    assert.equal(await page.evaluate(() => navigator.clipboard.readText()), link);
    const [file] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: spoken('Kalenderfil') }).click(),
    ]);
    assert.equal(file.suggestedFilename(), 'meeting-2-2.ics');
  });

  test('a link is made anew and taken back, and the records are fetched', async () => {
    await page.goto(`${meeting.url}/admin/meetings/2`);
    await looksRight('secretary-meeting');
    await page.getByRole('button', { name: spoken('Ny länk') }).click();
    await page.getByLabel('Länk till Ledamot 7').waitFor();
    await page.goto(`${meeting.url}/admin/meetings/2`);
    await page.getByRole('link', { name: spoken('Återkalla') }).click();
    await looksRight('secretary-revoke', { stays: true });
    await page.getByRole('button', { name: 'Återkalla' }).click();
    await page.getByText('Ledamot 7: Inbjudan är återkallad.').waitFor();
    const [report] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: 'Hämta rapporten' }).first().click(),
    ]);
    assert.equal(report.suggestedFilename(), 'meeting-2.html');
  });

  test('IT reads how the server is, and the page renews itself for who wants that', async () => {
    for (const language of ['sv', 'en']) {
      await page.goto(`${meeting.url}/status?language=${language}`);
      await looksRight('status', { stays: true, language });
      await page.setViewportSize(SCREENS.tabletUpright);
      const cut = await page.locator('.wide').evaluate((region) => region.scrollWidth > region.clientWidth);
      assert.ok(!cut, `not every column is seen on an upright tablet (${language})`);
    }
    await page.getByText('Latest backup').waitFor();
    await page.getByRole('link', { name: 'Update every 10 seconds' }).click();
    await page.getByRole('link', { name: 'Updated every 10 seconds: stop that' }).waitFor();
    assert.equal(await page.locator('meta[http-equiv="refresh"]').getAttribute('content'), '10');
  });

  async function fillIn(roster) {
    await page.getByLabel('Rubrik').fill('Nämnden 1 mars');
    await page.getByLabel('Organ').fill('Nämnden');
    await page.getByLabel('Datum').fill(`${new Date().getFullYear() + 1}-03-01`);
    await page.getByLabel('Börjar').fill('18:00');
    await page.getByLabel('Lokal').fill('Sessionssalen');
    await page.getByLabel('Ärenden').fill('Budget\n* Upphandling');
    await page.getByLabel('Eller klistra in raderna').fill(roster);
    await page.getByRole('button', { name: 'Kalla till sammanträde' }).click();
  }

  /**
   * Every screen, and both languages unless the page cannot be asked for again (`stays`, in `language`): a picture for people to look at,
   * nothing wider than the screen, and nothing that axe finds wrong.
   */
  async function looksRight(name, { stays = false, language: only = 'sv' } = {}) {
    const address = page.url();
    for (const language of stays ? [only] : ['sv', 'en']) {
      if (!stays) {
        await page.goto(`${meeting.url}/admin/language/${language}`);
        await page.goto(address);
      }
      for (const [screen, size] of Object.entries(SCREENS)) {
        await page.setViewportSize(size);
        const wide = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
        assert.ok(!wide, `${name} is wider than the ${screen}`);
        const path = join(SCREENSHOTS, `${name}-${screen}-${language}.png`);
        await page.screenshot({ path, fullPage: true });
      }
      await isAccessible(page, `${name} (${language})`);
    }
    await page.setViewportSize(SCREENS.desktop);
    if (!stays) {
      await page.goto(`${meeting.url}/admin/language/sv`);
      await page.goto(address);
    }
  }
});
