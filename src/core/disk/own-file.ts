import { randomUUID } from 'node:crypto';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { keepNewest } from './keep-newest.js';

/** Damaged files that are kept of each file. */
const KEPT_DAMAGED = { count: 3, bytes: 16 * 1024 * 1024 };

/** Writes a file that only its owner may read. A crash at any moment leaves the old one or the new one. */
export async function replaceFile(path: string, text: string): Promise<void> {
  const temporary = `${path}.${randomUUID()}`;
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  try {
    const file = await open(temporary, 'wx', 0o600);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

/** Gives a damaged file another name, so that a new one can be begun. @returns the name */
export async function setDamagedAside(path: string): Promise<string> {
  const keptAs = `${path}.damaged-${Date.now()}`;
  await rename(path, keptAs);
  await keepNewest(dirname(path), `${basename(path)}.damaged-`, KEPT_DAMAGED);
  return keptAs;
}
