// What a participant sees and hears, asked of the browser itself: frames decoded and energy played, by person.

import { until } from './until.js';

/** A browser with a dozen streams works for several milliseconds to tell its figures. */
const LOOK_EVERY_MS = 250;

/** Frames decoded and sound energy by participant id, joined from getStats and the elements that play. */
export async function perceived(participant) {
  const { streams, playing, connection } = await participant.evaluate(() => window.observed.perceived());
  const people = new Map();
  const nothing = { connection, frames: 0, energy: undefined, samples: 0, concealed: 0, width: 0, height: 0 };
  for (const { person, kind, mid } of playing) {
    const entry = people.get(person) ?? { ...nothing };
    const stream = streams.find((one) => one.mid === mid);
    if (stream && kind === 'video')
      Object.assign(entry, {
        frames: stream.frames,
        width: stream.width,
        height: stream.height,
        frozen: stream.frozen,
        codec: stream.codec,
      });
    if (stream && kind === 'audio') {
      Object.assign(entry, { energy: stream.energy, samples: stream.samples, concealed: stream.concealed });
    }
    people.set(person, entry);
  }
  return people;
}

/** Until new frames of each of `others` have been decoded at this participant, counted from the call. */
export async function seesMoving(participant, others, { within, frames = 3 }) {
  const before = await perceived(participant);
  const missing = async () => {
    const now = await perceived(participant);
    return others.filter(({ id }) => newFrames(before.get(id), now.get(id)) < frames).map((o) => o.name);
  };
  return until(
    `${participant.name} sees ${others.length} moving pictures`,
    async () => (await missing()).length === 0,
    {
      within,
      every: LOOK_EVERY_MS,
      last: async () => ({ notMoving: await missing() }),
    },
  );
}

function newFrames(before, now) {
  if (!now) return 0;
  const counted = before?.connection === now.connection ? before.frames : 0;
  return now.frames - counted;
}

// Above the noise floor of comfort noise and rounding, far below one word of speech.
const AUDIBLE = 1e-4;

/** Until `speaker` has been heard at this participant, counted from the call. */
export async function hears(participant, speaker, { within }) {
  // Counted from when the speaker's sound plays: the stream may have been somebody else's before.
  let before;
  const heard = async () => {
    const sound = (await perceived(participant)).get(speaker.id);
    if (sound?.energy === undefined) return 0;
    if (before?.connection !== sound.connection) before = sound;
    return sound.energy - before.energy;
  };
  return until(`${participant.name} hears ${speaker.name}`, async () => (await heard()) > AUDIBLE, {
    within,
    every: LOOK_EVERY_MS,
    last: async () => ({ energy: await heard() }),
  });
}

/** The share of a speaker's sound that the browser had to make up while `meanwhile` ran, 0 to 1. */
export async function concealedDuring(participant, speaker, meanwhile) {
  const sound = async () => (await perceived(participant)).get(speaker.id);
  const before = await sound();
  await meanwhile();
  const after = await sound();
  return (after.concealed - before.concealed) / (after.samples - before.samples);
}

/** Energy played of each of `others` while `meanwhile` ran. */
export async function energyDuring(participant, others, meanwhile) {
  const before = await perceived(participant);
  await meanwhile();
  const after = await perceived(participant);
  return new Map(others.map(({ id, name }) => [name, (after.get(id)?.energy ?? 0) - (before.get(id)?.energy ?? 0)]));
}

/** Whether an energy is silence. */
export const isSilent = (energy) => energy < AUDIBLE;
