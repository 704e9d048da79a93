import { readFileSync } from 'node:fs';
import { descendantsOf } from '../../test/support/children.js';

/** Clock ticks of /proc per second: USER_HZ, 100 on every Linux. */
const TICKS_PER_SECOND = 100;

/** CPU time (user and system) that a process has used by itself so far, s. */
export function ownCpuSeconds(pid: number): number {
  return (
    cpuFields(pid)
      .slice(0, 2)
      .reduce((sum, ticks) => sum + ticks, 0) / TICKS_PER_SECOND
  );
}

/**
 * CPU time (user and system) that a process, its descendants, and those of them that have ended and were waited for,
 * have used so far, s.
 */
export function treeCpuSeconds(pid: number): number {
  let ticks = 0;
  for (const member of [pid, ...descendantsOf(pid).map((info) => info.pid)]) {
    ticks += cpuFields(member).reduce((sum, field) => sum + field, 0);
  }
  return ticks / TICKS_PER_SECOND;
}

/** proc(5): utime, stime, cutime, cstime, in ticks; none for a process that has ended, whose parent's cutime has it. */
function cpuFields(pid: number): number[] {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // They are fields 14 to 17; the name in field 2 may hold spaces.
    return stat
      .slice(stat.lastIndexOf(')') + 2)
      .split(' ')
      .slice(11, 15)
      .map(Number);
  } catch {
    return [];
  }
}
