import { readFileSync } from 'node:fs';

/** A process that has waited for more of the time than this gets too little of the processor to be judged by its answers. */
const STARVED_SHARE = 0.5;

/** How long a process could run and had to wait for a processor instead. Linux only, of its main thread: elsewhere nothing is known. */
export class ProcessorWait {
  private lastMs: number;
  private waitedMs: number;

  /** @param waited total, ms */
  constructor(
    private readonly waited: () => number,
    private readonly now = () => performance.now(),
  ) {
    this.lastMs = now();
    this.waitedMs = waited();
  }

  static of(pid: number): ProcessorWait {
    return new ProcessorWait(() => waitedMs(pid));
  }

  /** Whether it has waited for most of the time since this was asked last. */
  wasStarved(): boolean {
    const [nowMs, waitedMs] = [this.now(), this.waited()];
    const share = (waitedMs - this.waitedMs) / (nowMs - this.lastMs);
    [this.lastMs, this.waitedMs] = [nowMs, waitedMs];
    return share > STARVED_SHARE;
  }
}

/** Of a process' main thread since its start; 0 where nothing is known. */
function waitedMs(pid: number): number {
  if (process.platform !== 'linux' || pid <= 0) return 0;
  try {
    // Time on a processor and time waiting for one, ns, and how often it ran.
    return Number(readFileSync(`/proc/${pid}/schedstat`, 'latin1').split(' ')[1] ?? 0) / 1e6;
  } catch {
    // It has exited.
    return 0;
  }
}
