import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { Disposable } from 'vscode-jsonrpc';

export interface MemoryWatchOptions {
  /** Read each time: a sandboxed process' id is known only once it runs. */
  readonly pid: () => number;
  readonly limitBytes: number;
  readonly intervalMs: number;
  /** Called once, with the measured resident memory. */
  readonly onExceeded: (rssBytes: number) => void;
}

/** Monitors a process' resident memory. Not on Windows. */
export class MemoryWatch implements Disposable {
  private readonly timer: NodeJS.Timeout;
  private disposed = false;

  constructor(private readonly options: MemoryWatchOptions) {
    this.timer = setInterval(() => void this.look(), options.intervalMs);
    this.timer.unref();
  }

  private async look(): Promise<void> {
    const { pid, limitBytes, onExceeded } = this.options;
    const rssBytes = await residentBytes(pid());
    if (this.disposed || rssBytes === undefined || rssBytes <= limitBytes) return;
    this.dispose();
    onExceeded(rssBytes);
  }

  dispose(): void {
    this.disposed = true;
    clearInterval(this.timer);
  }
}

/**
 * Resident memory of a process, bytes; undefined if unknown. On Linux it is read synchronously: the kernel answers from
 * memory, while a file handle per host and second is garbage that accumulates for minutes with fifty hosts.
 */
export async function residentBytes(pid: number): Promise<number | undefined> {
  try {
    if (process.platform === 'linux') {
      const [, kib] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1')) ?? [];
      return kib === undefined ? undefined : Number(kib) * 1024;
    }
    if (process.platform !== 'win32') return await residentBytesByPs(pid);
  } catch {
    // It has exited.
  }
  return undefined;
}

function residentBytesByPs(pid: number): Promise<number> {
  return new Promise((resolve, reject) => {
    execFile('ps', ['-o', 'rss=', '-p', String(pid)], { timeout: 5000 }, (error, stdout) => {
      if (error === null) resolve(Number(stdout) * 1024);
      else reject(error);
    });
  });
}
