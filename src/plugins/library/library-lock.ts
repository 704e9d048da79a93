import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Disposable } from 'vscode-jsonrpc';
import { takeProcessLock } from '../../config/process-lock.js';
import { BulkheadError, ErrorCodes } from '../../protocol/errors.js';

/**
 * A process that has just taken the lock writes its name a moment later: number of attempts to read it, and the delay
 * between them, ms.
 */
const TRIES = 10;
const RETRY_MS = 50;

/**
 * Locks the library for this process, until it is disposed of or the process has ended for any reason.
 *
 * @param file has the owner's name, for errors of other processes; it is never removed, and has no other meaning
 * @param owner the name: "the core at ADDRESS"
 * @throws `library.inUse` with the owner's name
 */
export async function lockLibrary(file: string, owner: string): Promise<Disposable> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  const lock = await takeProcessLock(file);
  if (lock === undefined) throw await inUse(file);
  try {
    const draft = `${file}.${process.pid}`;
    await writeFile(draft, `${process.pid}\n${owner}\n`, { mode: 0o600 });
    await rename(draft, file);
  } catch (error) {
    lock.dispose();
    throw error;
  }
  return lock;
}

async function inUse(file: string): Promise<BulkheadError> {
  for (let tries = 0; tries < TRIES; tries++) {
    const [holder = '', owner = ''] = (await readFile(file, 'utf8').catch(() => '')).split('\n');
    if (isAlive(Number(holder))) return managedBy(file, `${owner} (pid ${holder})`);
    await delay(RETRY_MS);
  }
  return managedBy(file, 'another process');
}

function managedBy(file: string, owner: string): BulkheadError {
  return new BulkheadError(ErrorCodes.libraryInUse, `the installed plugins are managed by ${owner}`, {
    where: file,
    remedy: 'Give the address of that core with --address, or wait for that command to end.',
  });
}

/** Whether a process with this id exists. */
export function isAlive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
