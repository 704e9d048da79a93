import { readFileSync } from 'node:fs';
import { setPriority } from 'node:os';

/** The nice value of what a part drives. */
const DRIVEN_NICENESS = 5;
let areGroups: boolean | undefined;

/** Lowers a process' priority below others'. Its child processes inherit that. */
export function yieldProcessor(pid: number, niceness: number): void {
  try {
    setPriority(pid, niceness);
  } catch {
    // It has exited, or this system does not allow it.
  }
}

/**
 * Lowers the priority of a process that works for this one below it: this one needs little of the processor and has to have that in time,
 * else it judges the other one wrong. Only where Linux shares the processor among sessions first, and priorities count within each:
 * elsewhere every other program would come before the broadcast.
 */
export function yieldToParent(pid: number | undefined, niceness = DRIVEN_NICENESS): void {
  areGroups ??= sharesAmongSessions();
  if (areGroups && pid !== undefined) yieldProcessor(pid, niceness);
}

function sharesAmongSessions(): boolean {
  try {
    return readFileSync('/proc/sys/kernel/sched_autogroup_enabled', 'latin1').trim() === '1';
  } catch {
    return false;
  }
}
