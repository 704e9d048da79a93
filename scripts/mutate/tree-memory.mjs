// What a process and its descendants take of the machine's memory.
import { readdirSync, readFileSync } from 'node:fs';

/** Resident memory of a process and all its descendants, bytes; 0 where there is no /proc, or no such process. */
export function treeMemory(root) {
  const processes = readProcesses();
  const tree = new Set([root]);
  // A set goes on with what is added during the loop.
  for (const pid of tree) for (const [child, { parent }] of processes) if (parent === pid) tree.add(child);
  return [...tree].reduce((sum, pid) => sum + (processes.get(pid)?.bytes ?? 0), 0);
}

function readProcesses() {
  const processes = new Map();
  for (const name of namesIn('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const status = statusOf(name);
    const [, parent] = /^PPid:\s*(\d+)$/m.exec(status) ?? [];
    const [, kb = '0'] = /^VmRSS:\s*(\d+) kB$/m.exec(status) ?? [];
    processes.set(Number(name), { parent: Number(parent), bytes: Number(kb) * 1024 });
  }
  return processes;
}

function namesIn(folder) {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** Empty if it has exited. */
function statusOf(pid) {
  try {
    return readFileSync(`/proc/${pid}/status`, 'utf8');
  } catch {
    return '';
  }
}
