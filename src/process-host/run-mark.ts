import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

/**
 * The environment variable that identifies direct and indirect child processes of a core: `RUN` for processes started inside
 * the core, `RUN.N` for its Nth child process. A process keeps its initial environment even when it leaves its process group
 * and session, and RUN cannot be guessed.
 */
export const RUN_MARK = 'BULKHEAD_RUN';

/** Interval between two searches, ms: some processes may have started others in between. */
const PASS_MS = 20;
/** The same while they may end by themselves, ms. */
const GRACE_PASS_MS = 100;
/** How long to retry, ms: a process that waits for a device exits only when that responds. */
const DEADLINE_MS = 5000;

/**
 * Kills every process of this user with the mark, or one below it. Resolves when none is left, or after 5 s. Linux only:
 * elsewhere it finds none.
 *
 * @param graceMs how long they may take to end by themselves before
 */
export async function killMarked(mark: string, graceMs = 0): Promise<void> {
  const killAtMs = performance.now() + graceMs;
  while (performance.now() < killAtMs && findMarked(mark).length > 0) await delay(GRACE_PASS_MS);
  const deadlineMs = performance.now() + DEADLINE_MS;
  for (;;) {
    const pids = findMarked(mark);
    if (pids.length === 0 || performance.now() > deadlineMs) return;
    for (const pid of pids) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // It has exited in the meantime.
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
    // It has exited, or belongs to another user.
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
