import type { Duplex } from 'node:stream';
import { Emitter, type Event } from '../../../base/event.js';
import type { PartExit, PartInstance } from '../../processes/part-launcher.js';
import { MemoryWatch } from './memory-watch.js';

/** How much memory a plugin's host may use. */
export interface MemoryLimits {
  /** V8's heap, MB: the process aborts when it is exhausted. */
  readonly heapMb: number;
  /** Resident memory, Buffers included, MB. */
  readonly totalMb: number;
}

export const DEFAULT_MEMORY: MemoryLimits = { heapMb: 256, totalMb: 512 };

/** Interval at which a host's memory is checked, ms. */
const INTERVAL_MS = 1000;

/** What V8 prints before it aborts. */
const HEAP_EXHAUSTED = /^FATAL ERROR: .*(heap limit|heap out of memory|Array buffer allocation)/;

/** A host that is killed when it uses too much memory; its exit then says so. */
export class MemoryBoundHost implements PartInstance {
  readonly onDidLog: Event<string>;
  private readonly exitEmitter = new Emitter<PartExit>();
  readonly onDidExit: Event<PartExit> = this.exitEmitter.event;
  private readonly watch: MemoryWatch;
  private excess: string | undefined;

  constructor(
    private readonly host: PartInstance,
    { heapMb, totalMb }: MemoryLimits,
  ) {
    this.onDidLog = host.onDidLog;
    this.watch = new MemoryWatch({
      pid: () => host.pid,
      limitBytes: totalMb * 1024 * 1024,
      intervalMs: INTERVAL_MS,
      onExceeded: (rssBytes) => {
        this.excess = `used ${Math.round(rssBytes / 1024 / 1024)} MB of memory; its limit is ${totalMb} MB`;
        host.kill('SIGKILL');
      },
    });
    host.onDidLog((line) => {
      if (HEAP_EXHAUSTED.test(line)) this.excess = `used up its heap of ${heapMb} MB`;
    });
    host.onDidExit((exit) => {
      this.watch.dispose();
      this.exitEmitter.fire(this.excess === undefined ? exit : { ...exit, why: this.excess });
      this.exitEmitter.dispose();
    });
  }

  get pid(): number {
    return this.host.pid;
  }

  get control(): Duplex {
    return this.host.control;
  }

  get frames(): Duplex | undefined {
    return this.host.frames;
  }

  kill(signal: 'SIGTERM' | 'SIGKILL'): void {
    this.host.kill(signal);
  }

  dispose(): void {
    this.watch.dispose();
    this.host.dispose();
  }
}
