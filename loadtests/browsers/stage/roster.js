// Who is invited, and the links that `lika meeting create` prints for them.

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const PARTIES = ['Parti A', 'Parti B', 'Parti C'];

/**
 * Convenes a meeting with a chair, a secretary, a chamber device and so many members.
 * Each person is `{ id, role, name, invitation }`; ids count from 1 in the roster's order.
 */
export async function convene(meeting, members) {
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
  ];
  const file = join(meeting.folder, 'roster.toml');
  await writeFile(file, toml(invited));
  const printed = await meeting.lika('meeting', 'create', '--roster', file);

  const links = printed
    .split('\n')
    .filter((line) => line && !line.startsWith('#'))
    .map((line) => line.split('\t'));
  const people = invited.map(({ role, name }, i) => ({ id: Number(links[i][0]), role, name, invitation: links[i][3] }));
  const one = (role) => people.find((person) => person.role === role);
  return {
    chair: one('chair'),
    secretary: one('secretary'),
    chamber: one('chamber'),
    members: people.filter((person) => person.role === 'member'),
  };
}

function toml(invited) {
  // JSON's strings and numbers are TOML's as well.
  const table = (entries) =>
    Object.entries(entries)
      .map(([key, value]) => `${key} = ${JSON.stringify(value)}\n`)
      .join('');
  return [
    table({ title: 'Provsammanträde', body: 'Kommunfullmäktige' }),
    ...invited.map((one) => `[[participant]]\n${table(one)}`),
  ].join('\n');
}
