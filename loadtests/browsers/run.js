// Runs the stories one after the other (two cores carry one meeting at a time) and ends with one line that says how
// it went. Arguments: the stories to run; none: all of them.

import { readdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { run } from 'node:test';
import { spec } from 'node:test/reporters';
import { fileURLToPath } from 'node:url';

const folder = join(dirname(fileURLToPath(import.meta.url)), 'stories');
const named = process.argv.slice(2).map((file) => resolve(file));
const files = named.length
  ? named
  : readdirSync(folder)
      .filter((file) => file.endsWith('.test.js'))
      .sort()
      .map((file) => join(folder, file));

let passed = 0;
let failed = 0;
// A group is not counted beside its tests; a file that fails as a whole is a failure like any other.
const isTest = (event) => event.details?.type !== 'suite' && event.name !== event.file;
const isFailure = (event) => event.details?.type !== 'suite';

const tests = run({ files, concurrency: false });
tests.on('test:pass', (event) => isTest(event) && passed++);
tests.on('test:fail', (event) => isFailure(event) && failed++);
tests.on('end', () => {
  // After the reporter's own last words.
  setImmediate(() => {
    console.log(`browser tests: ${passed} passed, ${failed} failed`);
    process.exitCode = failed > 0 || passed === 0 ? 1 : 0;
  });
});
tests.compose(new spec()).pipe(process.stdout);
