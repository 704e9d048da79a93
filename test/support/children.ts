import { readdirSync, readFileSync } from 'node:fs';

export interface ProcessInfo {
  readonly pid: number;
  readonly parentPid: number;
  readonly processGroup: number;
  /** R, S, D, T (stopped), Z (dead, not yet waited for) … */
  readonly state: string;
  readonly command: string;
}

/** The process according to /proc; undefined if there is none. Linux only. */
export function processInfo(pid: number): ProcessInfo | undefined {
  try {
    const { state, parentPid, processGroup } = readStat(pid);
    const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
    return { pid, parentPid, processGroup, state, command };
  } catch {
    return undefined;
  }
}

function readStat(pid: number): Pick<ProcessInfo, 'state' | 'parentPid' | 'processGroup'> {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const nameEnd = stat.lastIndexOf(')');
  const [state = '', parentPid = '0', processGroup = '0'] = stat.slice(nameEnd + 2).split(' ');
  return { state, parentPid: Number(parentPid), processGroup: Number(processGroup) };
}

function allPids(): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

/** Every running process, without zombies. */
export function runningProcesses(): ProcessInfo[] {
  return allPids()
    .map(processInfo)
    .filter((info): info is ProcessInfo => info !== undefined && info.state !== 'Z');
}

/** Direct children of `pid`. */
export function childrenOf(pid: number): ProcessInfo[] {
  return allPids()
    .filter((candidate) => parentOf(candidate) === pid)
    .map(processInfo)
    .filter((info): info is ProcessInfo => info !== undefined && info.state !== 'Z');
}

function parentOf(pid: number): number | undefined {
  try {
    return readStat(pid).parentPid;
  } catch {
    return undefined;
  }
}

/** All descendants of `pid`, without orphans that were adopted by init. */
export function descendantsOf(pid: number): ProcessInfo[] {
  // Init has adopted them. To look at every process of the machine takes as long as some commands.
  if (!isAlive(pid)) return [];
  const all = runningProcesses();
  const found: ProcessInfo[] = [];
  const queue = [pid];
  for (let parent = queue.shift(); parent !== undefined; parent = queue.shift()) {
    for (const info of all) {
      if (info.parentPid === parent) {
        found.push(info);
        queue.push(info.pid);
      }
    }
  }
  return found;
}

export function isAlive(pid: number): boolean {
  const info = processInfo(pid);
  return info !== undefined && info.state !== 'Z';
}

/** Resolves when all of the processes have exited, or with the remaining ones after `deadlineMs`. */
export async function allGone(pids: readonly number[], deadlineMs: number): Promise<number[]> {
  const deadline = Date.now() + deadlineMs;
  for (;;) {
    const alive = pids.filter(isAlive);
    if (alive.length === 0 || Date.now() > deadline) return alive;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
