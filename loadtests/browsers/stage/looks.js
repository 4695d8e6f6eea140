// A page in both languages on every screen: a picture for people to look at, and nothing that axe finds wrong.

import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { AxeBuilder } from '@axe-core/playwright';
import { SCREENS } from './chromium.js';
import { SCREENSHOTS } from './paths.js';

// DOS-lagen's EN 301 549 asks for WCAG 2.1 AA.
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'];

/** `also(participant, screen)`: what else must be so on every screen. */
export async function looksRight(participant, name, also = () => {}) {
  const { page } = participant;
  await mkdir(SCREENSHOTS, { recursive: true });
  for (const language of ['sv', 'en']) {
    await participant.readsIn(language);
    for (const [screen, size] of Object.entries(SCREENS)) {
      await page.setViewportSize(size);
      await also(participant, screen);
      await page.screenshot({ path: join(SCREENSHOTS, `${name}-${screen}-${language}.png`) });
    }
    await isAccessible(page, `${name} (${language})`);
  }
  await participant.readsIn('sv');
  await page.setViewportSize(SCREENS.desktop);
}

/** Nothing that axe finds wrong with the page as it is. */
export async function isAccessible(page, name) {
  const { violations } = await new AxeBuilder({ page }).withTags(RULES).analyze();
  const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(' ')}`);
  assert.deepEqual(found, [], `accessibility of ${name}`);
}
