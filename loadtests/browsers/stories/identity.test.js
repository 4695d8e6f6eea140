// Who people are: from logging in to seeing the others, by the embedded provider and by an independent one; and a secret
// item, at which whoever has not logged in gets not a packet.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Meeting } from '../stage/meeting.js';
import { until } from '../stage/until.js';
import { perceived, seesMoving } from '../stage/watch.js';

const ITEMS = [{ title: 'Budget' }, { title: 'Upphandling', secret: true }];
const SECRET = 2;

/** Comes by logging in, without the invitation. */
const comesByLogin = (meeting, person) => meeting.enter(person, { at: meeting.url });

describe('logging in at the embedded provider', { timeout: 240_000 }, () => {
  let meeting, chair, member, guest, host;

  before(async () => {
    meeting = await Meeting.start({ members: 2, hosts: 1, items: ITEMS, identity: 'test' });
    [host] = meeting.network.hosts;
    chair = await comesByLogin(meeting, meeting.roster.chair);
    await chair.goIn();
  });
  after(() => meeting?.close());

  test('whoever is in the roster needs no invitation', async (story) => {
    member = await comesByLogin(meeting, meeting.roster.members[0]);
    await chair.waitsInLobby(1);
    await chair.admit(member);
    await seesMoving(member, [chair], { within: 10_000 });
    story.diagnostic(`${Date.now() - member.signedAt} ms from signing to seeing the meeting, the admission included`);
    await chair.open();
  });

  test('at a secret item who has the invitation alone gets not one packet, and none of theirs reaches the others', async () => {
    guest = await meeting.enter(meeting.roster.members[1], { host });
    await chair.waitsInLobby(1);
    await chair.admit(guest);
    await seesMoving(guest, [chair, member], { within: 10_000 });
    await chair.beginItem(SECRET, { movesOut: true });
    await guest.reads('legitimerar dig (tillitsnivå 3)');
    await chair.page.locator(`button[data-participant="${guest.id}"]`).first().waitFor({ state: 'detached' });
    host.countMedia();
    // Three seconds of the others' pictures, counted in frames.
    await seesMoving(member, [chair], { within: 10_000, frames: 30 });
    assert.equal(host.mediaCounted().received, 0);
    for (const inside of [chair, member]) assert.equal((await perceived(inside)).get(guest.id), undefined);
    const text = await guest.evaluate(() => document.body.innerText);
    assert.doesNotMatch(text, /Upphandling/);
  });

  test('and by logging in, the seat still there, sees the others again by itself', async () => {
    await guest.page.getByTestId('sign-in').first().click();
    await guest.signs({ page: guest.page });
    await seesMoving(guest, [chair, member], { within: 20_000 });
    assert.ok(host.mediaCounted().received > 0, 'the counter counts');
    await chair.endItem();
  });
});

for (const { algorithm, requirePar } of [
  { algorithm: 'ES256', requirePar: false },
  { algorithm: 'RS256', requirePar: true },
]) {
  const how = `${algorithm}${requirePar ? ', requests signed and pushed' : ''}`;
  describe(`logging in at an independent provider (${how})`, { timeout: 240_000 }, () => {
    let meeting, chair, member;

    before(async () => {
      meeting = await Meeting.start({ members: 2, items: ITEMS, identity: { algorithm, requirePar } });
    });
    after(() => meeting?.close());

    test('brings people into the meeting, who see each other', async () => {
      chair = await comesByLogin(meeting, meeting.roster.chair);
      await chair.goIn();
      member = await comesByLogin(meeting, meeting.roster.members[0]);
      await chair.waitsInLobby(1);
      await chair.admit(member);
      await chair.open();
      await seesMoving(member, [chair], { within: 10_000 });
      await seesMoving(chair, [member], { within: 10_000 });
    });

    test('also after the provider has changed its key in mid-meeting: step-up in another tab keeps the seat', async () => {
      meeting.provider.rotate();
      const second = await meeting.enter(meeting.roster.members[1], {});
      await chair.waitsInLobby(1);
      await chair.admit(second);
      const welcomes = () => second.evaluate(() => window.observed.welcomes());
      const before = await welcomes();
      const tab = await second.stepsUp();
      await tab.getByText('Du är legitimerad').waitFor();
      await tab.close();
      await chair.beginItem(SECRET);
      await seesMoving(second, [chair, member], { within: 10_000 });
      assert.equal(await welcomes(), before, 'the connection is the one from before');
      await chair.endItem();
    });

    test('a logout there ends the media here within a second', async () => {
      await meeting.provider.signOut(meeting.roster.members[0]);
      await until('the member is out', () => member.page.getByText('Du är inte ansluten').isVisible(), {
        within: 1_000,
      });
    });

    test('while the provider is down those inside stay inside, and who comes is told what to do', async () => {
      await meeting.stopProvider();
      const told = await meeting.readsAtDoor(`${meeting.url}/sign-in/bankid`);
      assert.match(told, /svarar inte/);
      assert.match(told, /does not answer/);
      await seesMoving(chair, [{ id: 5, name: 'Ledamot 2' }], { within: 10_000 });
    });
  });
}
