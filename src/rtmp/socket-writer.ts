import type { Writable } from 'node:stream';

/**
 * Maximum number of bytes passed to the kernel at once: data that can no longer be dropped, and the granularity of
 * progress.
 */
const BATCH_BYTES = 32 * 1024;

/**
 * Writes to a socket in batches: everything written in one turn of the event loop is sent in one system call at the end
 * of that turn, and the next batch when the kernel has accepted the previous one. So the backlog is known, and further
 * data can wait in a queue that may still drop it.
 */
export class SocketWriter {
  private waiting: Buffer[] = [];
  private waitingBytes = 0;
  private batchBytes = 0;
  private flushScheduled = false;
  private progressAt = 0;
  private taken = 0;

  /**
   * @param onFlush a batch has just been passed to the socket
   * @param onDrain the kernel has accepted everything
   */
  constructor(
    private readonly socket: Writable,
    private readonly onFlush: () => void,
    private readonly onDrain: () => void,
  ) {}

  /** Whether further data should wait elsewhere. */
  get busy(): boolean {
    return this.batchBytes > 0 || this.waitingBytes >= BATCH_BYTES;
  }

  /** Bytes accepted by the kernel. */
  get bytesTaken(): number {
    return this.taken;
  }

  /** All bytes so far. */
  get bytesWritten(): number {
    return this.taken + this.backlogBytes;
  }

  /** Bytes passed to the socket. */
  get bytesPassed(): number {
    return this.taken + this.batchBytes;
  }

  /** Bytes not yet accepted by the kernel. */
  get backlogBytes(): number {
    return this.batchBytes + this.waitingBytes;
  }

  /** Whether nothing is queued or being written. */
  get idle(): boolean {
    return this.batchBytes === 0 && this.waitingBytes === 0;
  }

  /** How long the socket has accepted nothing while data was pending, ms. */
  stalledMs(now: number): number {
    return this.batchBytes === 0 ? 0 : now - this.progressAt;
  }

  write(bytes: Buffer): void {
    this.waiting.push(bytes);
    this.waitingBytes += bytes.length;
    if (this.flushScheduled || this.batchBytes > 0) return;
    this.flushScheduled = true;
    process.nextTick(() => this.flush());
  }

  private flush(): void {
    this.flushScheduled = false;
    if (this.socket.destroyed || !this.socket.writable) return;
    const batch = this.takeBatch();
    const last = batch.pop();
    if (last === undefined) return;
    this.progressAt = performance.now();
    const isOne = batch.length === 0;
    if (!isOne) this.socket.cork();
    for (const bytes of batch) this.socket.write(bytes);
    this.socket.write(last, (error) => {
      if (!error) this.onTaken();
    });
    if (!isOne) this.socket.uncork();
    this.onFlush();
  }

  private takeBatch(): Buffer[] {
    if (this.waitingBytes <= BATCH_BYTES) {
      const all = this.waiting;
      this.batchBytes = this.waitingBytes;
      this.waiting = [];
      this.waitingBytes = 0;
      return all;
    }
    const batch: Buffer[] = [];
    while (this.batchBytes < BATCH_BYTES) {
      const bytes = this.waiting.shift();
      if (bytes === undefined) break;
      const room = BATCH_BYTES - this.batchBytes;
      if (bytes.length > room) this.waiting.unshift(bytes.subarray(room));
      const part = bytes.subarray(0, room);
      batch.push(part);
      this.batchBytes += part.length;
    }
    this.waitingBytes -= this.batchBytes;
    return batch;
  }

  private onTaken(): void {
    this.taken += this.batchBytes;
    this.batchBytes = 0;
    if (this.waitingBytes > 0) this.flush();
    else this.onDrain();
  }
}
