// A person at a page: presses what they would press, and sees what they would see.

import { startChromium } from './chromium.js';
import { startFirefox } from './firefox.js';
import { watchLoading } from './loading.js';
import { until } from './until.js';

const CONNECTED_WITHIN_MS = 20_000;
/**
 * How long a press may take to be carried out and shown. It says nothing of the page: with several browsers on two cores one
 * press has taken Chromium 12 s, from finding the button to the page's answer. What the product promises has bounds of its own.
 */
const PRESSED_WITHIN_MS = 30_000;
/** Not 'load': that waits for a frame in each picture on the page (HTML, media elements), and a picture may have none yet. */
const OPENED = { waitUntil: 'domcontentloaded' };

/** What the chair reads when a direction of somebody fails. */
const LOST = {
  heard: (who) => `${who} hörs inte`,
  seen: (who) => `${who} syns inte`,
  hears: (who) => `${who} hör inte de andra`,
  sees: (who) => `${who} ser inte de andra`,
  link: (who) => `${who} har tappat förbindelsen`,
};

/** What the chair reads when a direction of somebody is too poor: which of the two depends on what is found first. */
const POOR = {
  seen: (who) => `${who} syns dåligt`,
  sees: (who) => `${who} ser de andra dåligt`,
};

/** Runs in the page: whether the first line of an element is there to be read, neither scrolled away nor covered. */
function isInSight(element) {
  const { left, top, width } = element.getBoundingClientRect();
  return element.contains(document.elementFromPoint(left + width / 2, top + 20));
}

export class Participant {
  #browser;
  #page;

  /** Opens the invitation in a browser of one's own and gets as far as the page lets one by itself. */
  static async enter(person, { with: program = 'chromium', ...settings }) {
    const participant = new Participant();
    Object.assign(participant, { id: person.id, name: person.name, host: settings.host });
    const started = await (program === 'firefox' ? startFirefox(settings) : startChromium(settings));
    participant.#browser = started;
    participant.#page = started.page;
    const loading = watchLoading(started.page);
    try {
      await (settings.at ? participant.#comesBy(settings) : participant.#page.goto(person.invitation, OPENED));
      await participant.#allowDevices(program);
      await participant.#mediaRuns();
      return participant;
    } catch (error) {
      const came = loading();
      await participant.close();
      throw new Error(`came as far as this: ${came}`, { cause: error });
    }
  }

  // Without an invitation: by who they are.
  async #comesBy({ at, level }) {
    await this.#page.goto(`${at}/sign-in`, OPENED);
    await this.signs({ page: this.#page, level });
  }

  /** Chooses oneself and a level at the provider's page, and signs: three clicks. */
  async signs({ page, level = 3 }) {
    await page.getByRole('radio', { name: this.name }).check({ timeout: PRESSED_WITHIN_MS });
    await page.locator(`input[name="level"][value="${level}"]`).check();
    this.signedAt = Date.now();
    await page.locator('button[name="decision"][value="sign"]').click();
  }

  /** Logs in without leaving the meeting: in a tab that the page opens. */
  async stepsUp({ level } = {}) {
    const opened = this.#page.context().waitForEvent('page');
    await this.#page.getByTestId('step-up').getByTestId('sign-in').click({ timeout: PRESSED_WITHIN_MS });
    const tab = await opened;
    await this.signs({ page: tab, level });
    return tab;
  }

  // Firefox does not tell the page that camera and microphone are allowed already; so the person presses.
  async #allowDevices(program) {
    if (program === 'firefox') await this.#page.locator('[data-testid="allow-devices"]').click();
  }

  /** The page connects sound and picture by itself, since camera and microphone are allowed beforehand. */
  async #mediaRuns() {
    const state = () => this.evaluate(() => window.observed.connectionState());
    await until(`${this.name}'s media connects`, async () => (await state()) === 'connected', {
      within: CONNECTED_WITHIN_MS,
      last: async () => [await state(), await this.evaluate(() => document.body.innerText)],
    });
  }

  /** Runs a function in the page. */
  evaluate(script, argument) {
    return this.#page.evaluate(script, argument);
  }

  get page() {
    return this.#page;
  }

  // What the chair does.

  /** Chair and secretary are let in by themselves, and go in by a press. */
  async goIn() {
    await this.#pressThe('enter');
    await this.#sees(this.#page.locator('.stage'), 'the meeting');
  }

  async waitsInLobby(number) {
    const each = this.#page.getByRole('button', { name: /^Släpp in (?!alla)/ });
    await until(`${number} wait in the lobby`, async () => (await each.count()) === number, {
      within: 30_000,
      last: async () => ({ waiting: await each.allTextContents() }),
    });
  }

  admitAll() {
    return this.#pressThe('admit-all');
  }

  admit(person) {
    return this.#press(`Släpp in ${person.name}`);
  }

  async open() {
    await this.#pressThe('open');
    await this.#sees(this.#page.getByText('Pågår'), 'the meeting open');
  }

  async giveFloor(person) {
    await this.#press(`Åtgärder för ${person.name}`);
    await this.#press(`Ge ordet till ${person.name}`);
    await this.#sees(this.#page.getByText(`${person.name} har ordet`), `${person.name} with the floor`);
  }

  /** A button by its test id. */
  presses(button) {
    return this.#pressThe(button);
  }

  /** Until the meeting has come so far on its way to a decision. */
  isAtStep(step) {
    const shown = this.#page.getByTestId('next-step');
    return until(`step ${step}`, async () => (await shown.getAttribute('data-step')) === step, {
      within: PRESSED_WITHIN_MS,
      last: () => shown.innerText(),
    });
  }

  /** The presence check, from wherever the page offers it first. */
  async confirmsPresence() {
    await this.#page.getByTestId('presence').filter({ visible: true }).first().click({ timeout: PRESSED_WITHIN_MS });
    await this.#page.getByRole('dialog').getByTestId('presence-confirm').click({ timeout: PRESSED_WITHIN_MS });
    await until('the check is over', async () => (await this.#page.getByRole('dialog').count()) === 0, {
      within: PRESSED_WITHIN_MS,
    });
  }

  seesRequest(person) {
    return this.#sees(this.#page.getByRole('button', { name: `Ge ordet till ${person.name}` }), 'the request');
  }

  hasFloor(person) {
    return this.#page.getByText(`${person.name} har ordet`).first().isVisible();
  }

  // What anybody does.

  /** Puts something before the camera: 'moving', 'still' or 'covered'. */
  cameraSees(view) {
    return this.#browser.cameraSees(view);
  }

  requestFloor() {
    return this.#pressThe('floor');
  }

  enlarge(person) {
    return this.#page.locator(`button[data-participant="${person.id}"]`).click();
  }

  /** `movesOut`: others are moved out by it, which the page asks about first. */
  async beginItem(number, { movesOut = false } = {}) {
    await this.#press(`Börja ärende ${number}`);
    if (movesOut) await this.confirms('Börja');
  }

  endItem() {
    return this.#press('Avsluta ärendet');
  }

  /** Answers the page's question with yes. */
  confirms(words) {
    return this.#page.getByRole('dialog').getByRole('button', { name: words, exact: true }).click();
  }

  /** Until these words are on the screen. */
  reads(words, within = PRESSED_WITHIN_MS) {
    return until(`${this.name} reads "${words}"`, () => this.#page.getByText(words).first().isVisible(), {
      within,
      last: () => this.#page.locator('body').innerText(),
    });
  }

  #press(words) {
    return this.#page.getByRole('button', { name: words, exact: true }).first().click({ timeout: PRESSED_WITHIN_MS });
  }

  #pressThe(button) {
    return this.#page.getByTestId(button).click({ timeout: PRESSED_WITHIN_MS });
  }

  #sees(what, name) {
    return until(`${this.name} sees ${name}`, () => what.first().isVisible(), { within: PRESSED_WITHIN_MS });
  }

  /** Changes the page's language. */
  async readsIn(language) {
    const [here, other] = language === 'sv' ? ['sv', 'Svenska'] : ['en', 'English'];
    if ((await this.evaluate(() => document.documentElement.lang)) === here) return;
    await this.#press(other);
    await until(
      `the page is in ${other}`,
      async () => (await this.evaluate(() => document.documentElement.lang)) === here,
      {
        within: PRESSED_WITHIN_MS,
      },
    );
  }

  // What the chair is told.

  /**
   * Until the alert is on the screen, in words, with the most urgent one in sight; returns how long it took, in
   * milliseconds. `poor`: it may say that the direction is too poor, as well as that it is lost.
   */
  /** The page reports each second what it has reported once, whatever comes; when this returns it has. */
  lies() {
    return this.evaluate(
      () =>
        new Promise((reported) => {
          const { send } = WebSocket.prototype;
          let report;
          WebSocket.prototype.send = function (text) {
            if (JSON.parse(text).type !== 'report') return send.call(this, text);
            report ??= text;
            send.call(this, report);
            reported();
          };
        }),
    );
  }

  async seesAlert({ about, direction, within, poor = false }) {
    const alert = this.#alerts(about).and(this.#page.locator(`[data-direction="${direction}"]`));
    const expected = (poor ? [LOST, POOR] : [LOST]).map((words) => words[direction](about.name));
    const shown = async () => {
      const text = await alert.first().innerText({ timeout: 100 });
      return (
        expected.some((words) => text.includes(words)) &&
        (await this.#page.getByTestId('alert').first().evaluate(isInSight))
      );
    };
    const { took } = await until(`"${expected.join('" or "')}" on the screen of ${this.name}`, shown, {
      within,
      last: () => this.#page.getByTestId('alert').allInnerTexts(),
    });
    return took;
  }

  async acknowledges(about) {
    await this.#alerts(about).getByTestId('acknowledge').first().click({ timeout: PRESSED_WITHIN_MS });
  }

  /** Until nothing about the person is on the screen. */
  async seesNoAlert({ about, within }) {
    const { took } = await until(`nothing about ${about.name}`, async () => (await this.#alerts(about).count()) === 0, {
      within,
      last: () => this.#alerts(about).allInnerTexts(),
    });
    return took;
  }

  #alerts(about) {
    return this.#page.locator(`[data-testid="alert"][data-about="${about.id}"]`);
  }

  // What the browser knows.

  outgoing() {
    return this.evaluate(() => window.observed.outgoing());
  }
  transport() {
    return this.evaluate(() => window.observed.transport());
  }
  /** The transport that media use: 'udp' or 'tcp'. */
  protocol() {
    return this.evaluate(() => window.observed.protocol());
  }
  /** How the TURN server is reached that media go through; null: they go through none. */
  relayedOver() {
    return this.evaluate(() => window.observed.relayedOver());
  }
  iceServers() {
    return this.evaluate(() => window.observed.iceServers());
  }
  stopPicture() {
    return this.evaluate(() => window.observed.stopPicture());
  }
  resumePicture() {
    return this.evaluate(() => window.observed.resumePicture());
  }
  sendTone() {
    return this.evaluate(() => window.observed.sendTone());
  }

  close() {
    return this.#browser.close();
  }
}
