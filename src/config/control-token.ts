import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import envPaths from 'env-paths';
import { isPipeName } from './address.js';

const TOKEN_BYTES = 32;

/**
 * A control token is what a client of the control socket shows before anything else. Whoever may read this user's files
 * can read it; a plugin, which runs as the same user and may reach the socket, cannot.
 */
function tokenFile(address: string): string {
  if (!isPipeName(address)) return `${address}.token`;
  const name = createHash('sha256').update(address).digest('hex').slice(0, 16);
  return join(envPaths('bulkhead', { suffix: '' }).data, `${name}.token`);
}

/** Makes a new token and writes it where clients look for it, for its user alone (0600). */
export function createControlToken(address: string): string {
  const token = randomBytes(TOKEN_BYTES).toString('hex');
  const file = tokenFile(address);
  const draft = `${file}.${process.pid}`;
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  rmSync(draft, { force: true });
  writeFileSync(draft, token, { mode: 0o600, flag: 'wx' });
  renameSync(draft, file);
  return token;
}

/** The token of the core at `address`; undefined while there is none that this user can read. */
export function readControlToken(address: string): string | undefined {
  try {
    return readFileSync(tokenFile(address), 'utf8');
  } catch {
    return undefined;
  }
}

export function removeControlToken(address: string): void {
  rmSync(tokenFile(address), { force: true });
}
