import { readFileSync } from 'node:fs';

/** MB of a field of /proc; 0 for a process that has ended. */
export function megabytes(pid: number, file: string, field: string): number {
  try {
    const [, kB = '0'] =
      new RegExp(`^${field}:\\s*(\\d+) kB`, 'm').exec(readFileSync(`/proc/${pid}/${file}`, 'ascii')) ?? [];
    return Number(kB) / 1024;
  } catch {
    return 0;
  }
}
