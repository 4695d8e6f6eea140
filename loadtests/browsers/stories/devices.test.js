// Encoders and players without Lika's page: WHIP and WHEP into the same meeting.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Device } from '../stage/device.js';
import { Meeting } from '../stage/meeting.js';
import { hears, perceived, seesMoving } from '../stage/watch.js';
import { until } from '../stage/until.js';

describe('devices without a page', { timeout: 180_000 }, () => {
  let meeting, chair, encoder, player;

  before(async () => {
    meeting = await Meeting.start({ members: 1 });
    chair = await meeting.enter(meeting.roster.chair, {});
    await chair.goIn();
    await chair.open();
  });
  after(async () => {
    await encoder?.close();
    await player?.close();
    await meeting?.close();
  });

  const door = (...args) => meeting.lika('meeting', 'token', '1', ...args);

  test('an encoder publishes through WHIP: admitted, it is seen and heard', async () => {
    const { chamber } = meeting.roster;
    encoder = await Device.connect(await door('--publish-as', String(chamber.id)), meeting.url);
    await chair.waitsInLobby(1);
    await chair.admit(chamber);
    await seesMoving(chair, [chamber], { within: 5_000 });
    await hears(chair, chamber, { within: 5_000 });
  });

  test('a player receives the programme through WHEP', async () => {
    player = await Device.connect(await door(), meeting.url);
    const { frames, energy } = await player.received();
    await until(
      'picture and sound of the programme',
      async () => {
        const now = await player.received();
        return now.frames > frames + 20 && now.energy > energy;
      },
      { within: 10_000, last: () => player.received() },
    );
  });

  test('both leave as the standards say', async () => {
    assert.equal(await player.leave(), 200);
    assert.equal(await encoder.leave(), 200);
    const { chamber } = meeting.roster;
    const shown = async () => (await perceived(chair)).has(chamber.id);
    await until('the encoder is no longer shown', async () => !(await shown()), { within: 20_000, last: shown });
  });
});
