// Who is invited, and the links that `lika meeting create` prints for them.

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const PARTIES = ['Parti A', 'Parti B', 'Parti C'];

/**
 * Convenes a meeting with a chair, a secretary, a chamber device and so many members, and this agenda (`title`, `secret`).
 * Each person is `{ id, role, name, number, invitation }`; ids count from 1 in the roster's order. `numbers`: whether the
 * roster has people's numbers; without them it is given the test provider's, if there is one.
 */
export async function convene(meeting, members, { items = [], numbers = false } = {}) {
  const invited = [
    { role: 'chair', name: 'Ordförande', mandate: 1 },
    { role: 'secretary', name: 'Sekreterare' },
    { role: 'chamber', name: 'Salen' },
    ...Array.from({ length: members }, (_, i) => ({
      role: 'member',
      name: `Ledamot ${i + 1}`,
      mandate: i + 2,
      party: PARTIES[i % PARTIES.length],
    })),
  ].map((one, i) => (numbers && one.role !== 'chamber' ? { ...one, identity: number(i + 1) } : one));
  const file = join(meeting.folder, 'roster.toml');
  await writeFile(file, toml(invited, items));
  const printed = await meeting.lika('meeting', 'create', '--roster', file);

  const links = printed
    .split('\n')
    .filter((line) => line && !line.startsWith('#'))
    .map((line) => line.split('\t'));
  const people = invited.map(({ role, name, identity }, i) => {
    return { id: Number(links[i][0]), role, name, number: identity, invitation: links[i][3] };
  });
  const one = (role) => people.find((person) => person.role === role);
  return {
    chair: one('chair'),
    secretary: one('secretary'),
    chamber: one('chamber'),
    members: people.filter((person) => person.role === 'member'),
  };
}

/** A personal identity number that is nobody's: born in 1890, with a right check digit. */
function number(place) {
  const nine = `90010198${place}`;
  const doubled = [...nine].map((digit, i) => Number(digit) * (i % 2 === 0 ? 2 : 1));
  const sum = doubled.reduce((total, one) => total + (one > 9 ? one - 9 : one), 0);
  return `18${nine}${(10 - (sum % 10)) % 10}`;
}

function toml(invited, items) {
  // JSON's strings and numbers are TOML's as well.
  const table = (entries) =>
    Object.entries(entries)
      .map(([key, value]) => `${key} = ${JSON.stringify(value)}\n`)
      .join('');
  return [
    table({ title: 'Provsammanträde', body: 'Kommunfullmäktige' }),
    ...invited.map((one) => `[[participant]]\n${table(one)}`),
    ...items.map((one) => `[[item]]\n${table(one)}`),
  ].join('\n');
}
