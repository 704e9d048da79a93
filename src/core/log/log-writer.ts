import { fstatSync, write, writeSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { withDeadline } from '../../base/with-deadline.js';

/** Maximum size of lines waiting for a slow disk, bytes; further lines are lost. */
const MAX_WAITING_BYTES = 1024 * 1024;
/** Delay before a full pipe is retried, ms. */
const RETRY_MS = 100;
/** How long the exit of the process waits for a started write, ms. */
const LAST_WRITE_MS = 200;
const LAST_PIPE_WRITE_MS = 20;
const POLL_MS = 2;

const NOTHING = Buffer.alloc(0);

const writeTo = promisify(write);

/** Destination of the log's lines. */
export interface LogTarget {
  /** Its size in bytes; undefined if unknown, as for a pipe. */
  readonly size: number | undefined;
  /** The descriptor for the next write of this many bytes. Rejects if writing is not possible now. */
  open(bytes: number): Promise<number>;
  /** The descriptor for the last write of an exiting process. Throws if there is none. */
  openSync(): number;
  /** Called when this many bytes have been written. */
  add(bytes: number): void;
  close(): Promise<void>;
}

/**
 * Writes lines to a target, in order and without blocking its caller. Lines that cannot be written are lost: a full disk or a
 * reader that has exited must have no other effect, now or at the exit of the process.
 */
export class LogWriter {
  private waiting: Buffer[] = [];
  private waitingBytes = 0;
  /** The remainder of the started write. */
  private inFlight: Buffer = NOTHING;
  private busySinceMs = 0;
  private running: Promise<void> | undefined;
  private lostLines = 0;
  private losing = false;

  /**
   * @param onLoss called when lines are lost for the first time, and again when that follows a successful write
   * @param onRecovery called with the number of lines lost before this successful write
   */
  constructor(
    private readonly target: LogTarget,
    private readonly onLoss: (error: NodeJS.ErrnoException) => void,
    private readonly onRecovery: (lostLines: number) => void = () => {},
  ) {}

  write(line: string): void {
    const bytes = Buffer.from(line);
    if (this.waitingBytes + bytes.length > MAX_WAITING_BYTES) {
      this.lostLines++;
      return;
    }
    this.waiting.push(bytes);
    this.waitingBytes += bytes.length;
    this.running ??= this.writeWaiting();
  }

  /** Resolves when all lines have been written, or after `deadlineMs`: the exit of the process must not depend on a disk. */
  async flush(deadlineMs: number): Promise<void> {
    await withDeadline(this.running ?? Promise.resolve(), deadlineMs, () => {}).catch(() => {});
  }

  /** Like `flush`, then closes the target. A later line opens it again. */
  async close(deadlineMs: number): Promise<void> {
    const closed = (this.running ?? Promise.resolve()).then(() => this.target.close());
    await withDeadline(closed, deadlineMs, () => {}).catch(() => {});
  }

  /**
   * Writes the queued lines synchronously, for the exit of a process that could not wait for `flush`. Only after the write in
   * flight: if that hangs, nothing more is written to its disk.
   */
  flushSync(): void {
    try {
      if (!this.awaitInFlight() || this.waiting.length === 0) return;
      writeSync(this.target.openSync(), Buffer.concat(this.take()));
    } catch {
      // There is no one left to report this to.
    }
  }

  /**
   * Its callback can no longer run, but a file's size shows whether the write is complete. A pipe has no size: a recent write
   * is assumed to complete in a moment, an older one to be blocked.
   */
  private awaitInFlight(): boolean {
    const ageMs = performance.now() - this.busySinceMs;
    if (this.inFlight.length === 0) return this.running === undefined || ageMs < LAST_WRITE_MS;
    const { size } = this.target;
    const fd = this.target.openSync();
    const isDone = () => size !== undefined && fstatSync(fd).size >= size + this.inFlight.length;
    const deadlineMs = size === undefined ? LAST_PIPE_WRITE_MS : LAST_WRITE_MS;
    for (let waitedMs = 0; waitedMs < deadlineMs; waitedMs += POLL_MS) {
      if (isDone()) return true;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, POLL_MS);
    }
    return size === undefined && ageMs < LAST_WRITE_MS;
  }

  private async writeWaiting(): Promise<void> {
    while (this.waiting.length > 0) {
      try {
        this.busySinceMs = performance.now();
        const fd = await this.target.open(this.waitingBytes);
        await this.writeAll(fd);
        this.losing = false;
      } catch (error) {
        this.lostLines += this.take().length;
        if (!this.losing) this.onLoss(error as NodeJS.ErrnoException);
        this.losing = true;
        continue;
      }
      const { lostLines } = this;
      this.lostLines = 0;
      if (lostLines > 0) this.onRecovery(lostLines);
    }
    this.running = undefined;
  }

  private async writeAll(fd: number): Promise<void> {
    const lines = this.take();
    this.inFlight = Buffer.concat(lines);
    try {
      while (this.inFlight.length > 0) {
        this.busySinceMs = performance.now();
        const written = await writeOnce(fd, this.inFlight);
        this.target.add(written);
        this.inFlight = this.inFlight.subarray(written);
      }
    } catch (error) {
      this.lostLines += lines.length;
      throw error;
    } finally {
      this.inFlight = NOTHING;
    }
  }

  private take(): Buffer[] {
    const taken = this.waiting;
    this.waiting = [];
    this.waitingBytes = 0;
    return taken;
  }
}

/** Zero for a pipe that remains full. */
async function writeOnce(fd: number, bytes: Buffer): Promise<number> {
  try {
    return (await writeTo(fd, bytes)).bytesWritten;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
    await delay(RETRY_MS, undefined, { ref: false });
    return 0;
  }
}
