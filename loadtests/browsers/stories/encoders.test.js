// An encoder of another make publishes into the meeting: GStreamer, whose DTLS certificate is of RSA.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Encoder } from '../stage/encoder.js';
import { Meeting } from '../stage/meeting.js';
import { hears, perceived, seesMoving } from '../stage/watch.js';
import { until } from '../stage/until.js';

describe('GStreamer', { timeout: 180_000 }, () => {
  let meeting, chair, encoder;

  before(async () => {
    meeting = await Meeting.start({ members: 1 });
    chair = await meeting.enter(meeting.roster.chair, {});
    await chair.goIn();
    await chair.open();
  });
  after(async () => {
    await encoder?.close();
    await meeting?.close();
  });

  test('connects with an RSA certificate', async () => {
    const { chamber } = meeting.roster;
    encoder = await Encoder.connect(await meeting.lika('meeting', 'token', '1', '--publish-as', String(chamber.id)));
    assert.equal(encoder.keyType, 'rsa');
    assert.equal(encoder.srtp, 'aes-128-icm hmac-sha1-80');
  });

  test('is seen and heard', async () => {
    const { chamber } = meeting.roster;
    await chair.waitsInLobby(1);
    await chair.admit(chamber);
    await seesMoving(chair, [chamber], { within: 5_000, frames: 30 });
    await hears(chair, chamber, { within: 5_000 });
  });

  test('leaves as the standard says', async () => {
    assert.equal(await encoder.leave(), 200);
    const shown = async () => (await perceived(chair)).has(meeting.roster.chamber.id);
    await until('the encoder is no longer shown', async () => !(await shown()), { within: 20_000, last: shown });
  });
});
