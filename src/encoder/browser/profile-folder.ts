import { existsSync, rmSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

const PREFIX = 'bulkhead-browser-';
/** The processes of a browser that was killed write for a moment longer, and make folders anew, ms. */
const WRITES_MS = 300;
const TRIES = 10;
/** Of this process. */
const profiles = new Set<string>();

/** A folder for a browser's profile; those of processes that have ended without deleting theirs are deleted. */
export async function makeProfile(): Promise<string> {
  if (profiles.size === 0) process.once('exit', removeAll);
  const made = await mkdtemp(join(tmpdir(), `${PREFIX}${process.pid}-`));
  profiles.add(made);
  for (const name of await readdir(tmpdir())) {
    const [, pid] = /^bulkhead-browser-(\d+)-/.exec(name) ?? [];
    if (pid !== undefined && !isAlive(Number(pid))) await removeProfile(join(tmpdir(), name));
  }
  return made;
}

/** Never rejects. */
export async function removeProfile(folder: string): Promise<void> {
  for (let tried = 0; tried < TRIES && existsSync(folder); tried += 1) {
    await rm(folder, { recursive: true, force: true }).catch(() => {});
    await delay(WRITES_MS);
  }
  profiles.delete(folder);
  if (profiles.size === 0) process.removeListener('exit', removeAll);
}

function removeAll(): void {
  for (const folder of profiles) {
    try {
      rmSync(folder, { recursive: true, force: true });
    } catch {
      // The next one to make a profile deletes it.
    }
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // It is another user's.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
