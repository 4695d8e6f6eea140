// A member sits behind a firewall that lets nothing out but TCP to the page and TLS to a TURN server; the server does
// not take media over the HTTPS port, as where a proxy in front of it ends TLS.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { SMALL_SCREEN } from '../stage/chromium.js';
import { Meeting } from '../stage/meeting.js';
import { hears, seesMoving } from '../stage/watch.js';

describe('a member whose network lets nothing through but TLS', { timeout: 180_000 }, () => {
  let meeting, chair, member;

  before(async () => {
    meeting = await Meeting.start({ members: 1, hosts: 2, turn: true });
    const [closed] = meeting.network.hosts;
    closed.allowTcpTo(meeting.port, meeting.turn.port);
    chair = await meeting.enter(meeting.roster.chair, { screen: SMALL_SCREEN });
    await chair.goIn();
    member = await meeting.enter(meeting.roster.members[0], {
      host: closed,
      screen: SMALL_SCREEN,
      voice: 180,
      trusts: meeting.turn.pin,
    });
    await chair.waitsInLobby(1);
    await chair.admit(member);
  });
  after(() => meeting?.close());

  test('comes through the TURN server, is seen and sees', async () => {
    assert.equal(await member.relayedOver(), 'tls');
    assert.equal(await chair.relayedOver(), null, 'who can come directly does');
    await seesMoving(chair, [member], { within: 10_000 });
    await seesMoving(member, [chair], { within: 10_000 });
  });

  test('is heard', async () => {
    await chair.open();
    await chair.giveFloor(member);
    await hears(chair, member, { within: 10_000 });
  });

  test('has credentials that are in nobody’s log, and neither is the secret', async () => {
    const [{ credential }] = await member.iceServers();
    assert.match(credential, /^[A-Za-z0-9+/]{27}=$/);
    for (const log of [meeting.log, meeting.turn.log]) {
      assert.ok(log.length > 0);
      assert.ok(!log.includes(credential) && !log.includes(meeting.turn.secret));
    }
  });

  test('could reach nobody else by them', async () => {
    const [, other] = meeting.network.hosts;
    assert.match(await meeting.turn.asksToReach(other.address), /error 403 \(Forbidden IP\)/);
    assert.match(await meeting.turn.asksToReach('127.0.0.1'), /error 403 \(Forbidden IP\)/);
  });
});
