import { createInterface } from 'node:readline';
import type { KeyringRequest } from '../protocol/keyring.js';
import { askSystem, type KeyringLibrary } from './system-keyring.js';

const LIBRARY: string = '@napi-rs/keyring';

/** Asks the system's keyring once, and ends. It ends with the process that has started it as well, also while the system asks for a password. */
const lines = createInterface({ input: process.stdin });
// A thread that waits for the keyring would hold up an orderly end.
process.stdin.once('end', () => process.kill(process.pid, 'SIGKILL'));
lines.once('line', async (line) => {
  const load = async () => (await import(LIBRARY)) as KeyringLibrary;
  const answer = await askSystem(JSON.parse(line) as KeyringRequest, load);
  process.stdout.write(`${JSON.stringify(answer)}\n`, () => process.exit(0));
});
