import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

/**
 * The environment variable by which what a core has started is found again, directly or not: `RUN` for what runs inside the core,
 * `RUN.N` for its Nth child process. A process keeps the environment that it was started with, also when it leaves its process
 * group and session, and RUN cannot be guessed.
 */
export const RUN_MARK = 'BULKHEAD_RUN';

/** Time between two looks at what is left, ms: some may have started others meanwhile. */
const PASS_MS = 20;
/** For how long it is tried, ms: a process that waits for a device ends when that answers. */
const DEADLINE_MS = 5000;

/**
 * Kills every process of this user that carries the mark, or one below it. Resolves when none is left, or after 5 s.
 * Linux only: elsewhere it finds none.
 */
export async function killMarked(mark: string): Promise<void> {
  const deadlineMs = performance.now() + DEADLINE_MS;
  for (;;) {
    const pids = findMarked(mark);
    if (pids.length === 0 || performance.now() > deadlineMs) return;
    for (const pid of pids) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // It has ended meanwhile.
      }
    }
    await delay(PASS_MS);
  }
}

function findMarked(mark: string): number[] {
  return list('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => pid !== process.pid && carries(pid, mark));
}

function carries(pid: number, mark: string): boolean {
  try {
    const entries = readFileSync(`/proc/${pid}/environ`, 'latin1').split('\0');
    return entries.some(
      (entry) => entry === `${RUN_MARK}=${mark}` || entry.startsWith(`${RUN_MARK}=${mark}.`),
    );
  } catch {
    // It has ended, or is another user's.
    return false;
  }
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
