// Encoders of other makes publish into the meeting through WHIP: GStreamer, whose DTLS certificate is of RSA, and
// ffmpeg, which sends H.264.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Encoder } from '../stage/encoder.js';
import { Ffmpeg } from '../stage/ffmpeg.js';
import { Meeting } from '../stage/meeting.js';
import { hears, perceived, seesMoving } from '../stage/watch.js';
import { until } from '../stage/until.js';

describe('encoders of other makes', { timeout: 180_000 }, () => {
  let meeting, chair, gstreamer, ffmpeg;

  before(async () => {
    meeting = await Meeting.start({ members: 1 });
    chair = await meeting.enter(meeting.roster.chair, {});
    await chair.goIn();
    await chair.open();
  });
  after(async () => {
    await gstreamer?.close();
    await ffmpeg?.close();
    await meeting?.close();
  });

  const door = ({ id }) => meeting.lika('meeting', 'token', '1', '--publish-as', String(id));

  async function isSeen(person) {
    await chair.waitsInLobby(1);
    await chair.admit(person);
    await seesMoving(chair, [person], { within: 5_000, frames: 30 });
  }

  async function isNoLongerShown({ id }) {
    const shown = async () => (await perceived(chair)).has(id);
    await until('the encoder is no longer shown', async () => !(await shown()), { within: 20_000, last: shown });
  }

  test('GStreamer connects with an RSA certificate', async () => {
    gstreamer = await Encoder.connect(await door(meeting.roster.chamber));
    assert.equal(gstreamer.keyType, 'rsa');
    assert.equal(gstreamer.srtp, 'aes-128-icm hmac-sha1-80');
  });

  test('is seen and heard', async () => {
    await isSeen(meeting.roster.chamber);
    await hears(chair, meeting.roster.chamber, { within: 5_000 });
  });

  test('leaves as the standard says', async () => {
    assert.equal(await gstreamer.leave(), 200);
    await isNoLongerShown(meeting.roster.chamber);
  });

  test('ffmpeg connects', async () => {
    ffmpeg = await Ffmpeg.connect(await door(meeting.roster.members[0]), meeting.folder);
    assert.equal(ffmpeg.srtp, 'SRTP_AES128_CM_HMAC_SHA1_80');
  });

  test('is seen, in H.264, and heard with the floor', async () => {
    const [member] = meeting.roster.members;
    await isSeen(member);
    await chair.giveFloor(member);
    await hears(chair, member, { within: 5_000 });
  });

  test('leaves', async () => {
    await ffmpeg.leave();
    await isNoLongerShown(meeting.roster.members[0]);
  });
});
