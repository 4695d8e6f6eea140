import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), '../../..');

/** Cargo's output folder. */
export const TARGET = process.env.CARGO_TARGET_DIR ? resolve(process.env.CARGO_TARGET_DIR) : join(ROOT, 'target');

/** The binaries under test, as `make browser-test` built them. */
export const LIKA = join(TARGET, 'debug/lika');
export const LOADTESTS = join(TARGET, 'debug/lika-loadtests');

/** A Python that has what requirements.txt asks for. */
export const PYTHON = join(ROOT, 'loadtests/browsers/.venv/bin/python');

/** The example of a TURN server's configuration. */
export const COTURN = join(ROOT, 'deploy/coturn/turnserver.conf');

/** Pictures of the pages, for people to look at. */
export const SCREENSHOTS = join(TARGET, 'screenshots');

/** The threshold profile for small pictures on a small machine; it names what it relaxes. */
export const SMALL_PROFILE = join(ROOT, 'signaling/profiles/test-small.toml');
