// A voice for browsers (`--use-file-for-fake-audio-capture`): a buzz with two formants and the rhythm of syllables,
// as 16-bit PCM in a WAV file. Speech enough for level meters, voice detection and Opus.

import { writeFile } from 'node:fs/promises';

const RATE = 48_000;
const SECONDS = 4;
const SYLLABLES_A_SECOND = 4;
const FORMANTS = [
  { hertz: 700, width: 200 },
  { hertz: 1200, width: 300 },
];

/** Writes four seconds of voice whose pitch is `hertz`. */
export async function writeSpeech(file, { hertz }) {
  const harmonics = Array.from({ length: Math.floor(4000 / hertz) }, (_, i) => {
    const frequency = (i + 1) * hertz;
    const gain = FORMANTS.reduce((sum, f) => sum + Math.exp(-(((frequency - f.hertz) / f.width) ** 2)), 0.05);
    return { frequency, gain };
  });
  const samples = new Int16Array(RATE * SECONDS);
  for (let n = 0; n < samples.length; n++) {
    const t = n / RATE;
    const syllable = Math.max(0, Math.sin(t * SYLLABLES_A_SECOND * Math.PI)) ** 0.5;
    const voice = harmonics.reduce((sum, h) => sum + h.gain * Math.sin(2 * Math.PI * h.frequency * t), 0);
    samples[n] = Math.max(-32_000, Math.min(32_000, voice * syllable * 4000));
  }
  await writeFile(file, Buffer.concat([header(samples.byteLength), Buffer.from(samples.buffer)]));
}

function header(bytes) {
  const h = Buffer.alloc(44);
  h.write('RIFF', 0);
  h.writeUInt32LE(36 + bytes, 4);
  h.write('WAVEfmt ', 8);
  h.writeUInt32LE(16, 16); // length of the format chunk
  h.writeUInt16LE(1, 20); // PCM
  h.writeUInt16LE(1, 22); // one channel
  h.writeUInt32LE(RATE, 24);
  h.writeUInt32LE(RATE * 2, 28); // bytes a second
  h.writeUInt16LE(2, 32); // bytes a sample
  h.writeUInt16LE(16, 34); // bits a sample
  h.write('data', 36);
  h.writeUInt32LE(bytes, 40);
  return h;
}
