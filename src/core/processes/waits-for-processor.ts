import { readFileSync } from 'node:fs';

/**
 * Whether a process could run and waits for its turn, or runs: on a busy computer it may not answer for seconds, though nothing is wrong
 * with it. Linux only: elsewhere nothing is known, and false.
 */
export function waitsForProcessor(pid: number): boolean {
  if (process.platform !== 'linux' || pid <= 0) return false;
  try {
    return stateIn(readFileSync(`/proc/${pid}/stat`, 'latin1')) === 'R';
  } catch {
    // It has exited.
    return false;
  }
}

/** @param stat of `/proc/PID/stat`: `123 (its name) S …`; the name may have parentheses */
export function stateIn(stat: string): string | undefined {
  return /^\s([A-Za-z])\s/.exec(stat.slice(stat.lastIndexOf(')') + 1))?.[1];
}
