import { readFileSync } from 'node:fs';
import { descendantsOf } from '../../test/support/children.js';

/** Clock ticks of /proc per second: USER_HZ, 100 on every Linux. */
const TICKS_PER_SECOND = 100;

/**
 * CPU time (user and system) that a process, its descendants, and those of them that have ended and were waited for,
 * have used so far, s.
 */
export function treeCpuSeconds(pid: number): number {
  let ticks = 0;
  for (const member of [pid, ...descendantsOf(pid).map((info) => info.pid)]) {
    try {
      const stat = readFileSync(`/proc/${member}/stat`, 'utf8');
      // proc(5): utime, stime, cutime, cstime are fields 14 to 17; the name in field 2 may hold spaces.
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      ticks += fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
    } catch {
      // It has ended between the two looks; its parent's cutime has it.
    }
  }
  return ticks / TICKS_PER_SECOND;
}
