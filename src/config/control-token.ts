import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import envPaths from 'env-paths';
import { isPipeName } from './address.js';

const TOKEN_BYTES = 32;

/**
 * A client of the control socket sends the control token first. It is readable with this user's permissions; but not by
 * a plugin, which runs as the same user and may be able to connect to the socket.
 */
export function tokenFile(address: string): string {
  if (!isPipeName(address)) return `${address}.token`;
  const name = createHash('sha256').update(address).digest('hex').slice(0, 16);
  return join(envPaths('bulkhead', { suffix: '' }).data, `${name}.token`);
}

/** Creates a new token and writes it where clients look for it, readable only by its user (0600). */
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

/** The token of the core at `address`; undefined if there is none that this user can read. */
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
