import type { Disposable } from 'vscode-jsonrpc';
import { Emitter, type Event } from '../../../base/event.js';
import { withDeadline } from '../../../base/with-deadline.js';
import type { StreamTag } from '../../../media/stream-tag.js';
import { BulkheadError, ErrorCodes } from '../../../protocol/errors.js';
import { DelayChunk, StoredTag } from './delay-chunk.js';
import { isHeader } from './delay-cutting.js';
import { type DelayFiles, isDiskFull } from './delay-files.js';
import { type DelayStore, type HeldTag, inMemory } from './delay-store.js';

/** Sizes of a file, bytes: it ends before a keyframe from the first on, and anywhere at the second. */
const LEAST_CHUNK = 64 << 10;
const MOST_CHUNK = 4 << 20;
/** When a full disk is tried again, ms. */
const RETRY_MS = 2000;

export interface DelayRingLimits {
  /** What may be in memory, bytes. */
  readonly maxBytes: number;
  /** A disk that takes longer is not used any more, ms: half of what is read ahead. */
  readonly deadlineMs: number;
}

/**
 * What waits in front of outputs with a long delay: files, and an index of them in memory. One thing at a time is done with the disk, and
 * nobody waits for it: what cannot be written stays in memory; where that is full, the oldest file is given up. A disk that fails or hangs
 * is not used any more: what is on it is lost, and the delay goes on with what memory holds.
 */
export class DelayRing implements DelayStore, Disposable {
  private readonly changeEmitter = new Emitter<void>();
  /** Something was read, or is lost, or `trouble` has changed. */
  readonly onDidChange: Event<void> = this.changeEmitter.event;
  private chunks: DelayChunk[] = [];
  private open: DelayChunk | undefined;
  private readonly removals: string[] = [];
  private byTag = new WeakMap<StreamTag, StoredTag>();
  private created = 0;
  private working: Promise<void> | undefined;
  private retryAtMs = 0;
  private hasFailed = false;
  private error: BulkheadError | undefined;
  private disposed = false;
  bytes = 0;

  constructor(
    private readonly files: DelayFiles,
    private readonly limits: DelayRingLimits,
  ) {}

  get isFull(): boolean {
    return this.bytes > this.limits.maxBytes;
  }

  /** Why the delay may get shorter; undefined while the disk takes everything. */
  get trouble(): BulkheadError | undefined {
    return this.error;
  }

  get folder(): string {
    return this.files.folder;
  }

  /** Bytes that this disk has free. Rejects with the system's error. */
  freeBytes(): Promise<number> {
    return this.timely(this.files.free());
  }

  hold(tag: StreamTag): HeldTag {
    if (isHeader(tag)) return inMemory(tag);
    const known = this.byTag.get(tag);
    if (known !== undefined && known.holders > 0) {
      known.holders += 1;
      return known;
    }
    const { open } = this;
    const isEnough =
      open !== undefined &&
      (open.bytes >= MOST_CHUNK || (tag.kind === 'keyframe' && open.bytes >= LEAST_CHUNK));
    if (isEnough) this.close(open);
    this.open ??= this.begin();
    const stored = this.open.add(tag);
    this.byTag.set(tag, stored);
    this.bytes += stored.bytes;
    this.work();
    return stored;
  }

  want(tag: HeldTag): void {
    if (!(tag instanceof StoredTag)) return;
    tag.chunk.wanted += 1;
    this.work();
  }

  unwant(tag: HeldTag): void {
    if (!(tag instanceof StoredTag)) return;
    const { chunk } = tag;
    chunk.wanted -= 1;
    if (chunk.wanted === 0 && chunk.state === 'written') this.counted(chunk, () => chunk.unload());
  }

  release(tag: HeldTag): void {
    if (!(tag instanceof StoredTag)) return;
    tag.holders -= 1;
    if (tag.holders > 0) return;
    const { chunk } = tag;
    this.bytes -= tag.payload?.length ?? 0;
    tag.payload = undefined;
    chunk.held -= 1;
    if (chunk.held > 0 || chunk.state === 'open') return;
    this.chunks = this.chunks.filter((other) => other !== chunk);
    // One that is being written is removed after that.
    if (chunk.state === 'written') this.remove(chunk);
  }

  /** Resolves when its files have been removed, as far as the disk answers. Never rejects. */
  async end(): Promise<void> {
    this.dispose();
    await this.working;
    await this.timely(this.files.removeAll()).catch(() => {});
  }

  dispose(): void {
    this.disposed = true;
    this.changeEmitter.dispose();
  }

  private begin(): DelayChunk {
    this.created += 1;
    const chunk = new DelayChunk(`${this.created}.chunk`);
    this.chunks.push(chunk);
    return chunk;
  }

  private close(chunk: DelayChunk): void {
    chunk.state = 'closed';
    this.open = undefined;
    if (chunk.held === 0) this.chunks = this.chunks.filter((other) => other !== chunk);
    if (!this.isFull) return;
    const oldest = this.chunks.find(({ state, isLost }) => state === 'written' && !isLost);
    if (oldest !== undefined) this.lose([oldest]);
  }

  private remove({ name, isLost }: DelayChunk): void {
    if (isLost) return;
    this.removals.push(name);
    this.work();
  }

  /** What is on disk alone of these is given up. */
  private lose(chunks: readonly DelayChunk[]): void {
    for (const chunk of chunks) {
      this.remove(chunk);
      chunk.isLost = true;
    }
    this.changeEmitter.fire();
  }

  private work(): void {
    if (this.working !== undefined || this.disposed || this.hasFailed) return;
    const task = this.nextTask();
    if (task === undefined) return;
    this.working = task()
      .catch((error: unknown) => this.fail(error))
      .finally(() => {
        this.working = undefined;
        this.work();
      });
  }

  private nextTask(): (() => Promise<void>) | undefined {
    const needed = this.chunks.find(
      ({ wanted, state, isLost, tags }) =>
        wanted > 0 &&
        state === 'written' &&
        !isLost &&
        tags.some(({ holders, payload, isOnDisk }) => holders > 0 && isOnDisk && payload === undefined),
    );
    if (needed !== undefined) return () => this.read(needed);
    const removed = this.removals.shift();
    if (removed !== undefined) return () => this.timely(this.files.remove(removed));
    if (performance.now() < this.retryAtMs) return undefined;
    const closed = this.chunks.find(({ state }) => state === 'closed');
    return closed === undefined ? undefined : () => this.write(closed);
  }

  private async read(chunk: DelayChunk): Promise<void> {
    const file = await this.timely(this.files.read(chunk.name));
    if (chunk.wanted > 0 && !chunk.isLost) this.counted(chunk, () => chunk.load(file));
    this.changeEmitter.fire();
  }

  private async write(chunk: DelayChunk): Promise<void> {
    try {
      await this.timely(this.files.write(chunk.name, chunk.parts()));
    } catch (error) {
      chunk.unwritten();
      if (!isDiskFull(error)) throw error;
      this.removals.push(chunk.name);
      this.retryAtMs = performance.now() + RETRY_MS;
      this.setTrouble(full(this.folder));
      return;
    }
    chunk.state = 'written';
    this.setTrouble(undefined);
    if (chunk.held === 0) this.remove(chunk);
    else if (chunk.wanted === 0) this.counted(chunk, () => chunk.unload());
  }

  private fail(error: unknown): void {
    if (this.disposed) return;
    this.hasFailed = true;
    this.removals.length = 0;
    this.setTrouble(failed(this.folder, error));
    this.lose(this.chunks.filter(({ state }) => state === 'written'));
  }

  private setTrouble(error: BulkheadError | undefined): void {
    if (error?.message === this.error?.message) return;
    this.error = error;
    this.changeEmitter.fire();
  }

  /** Counts what a change of a chunk has brought to memory, or freed. */
  private counted(chunk: DelayChunk, change: () => void): void {
    const before = chunk.bytesInMemory;
    change();
    this.bytes += chunk.bytesInMemory - before;
  }

  private timely<T>(work: Promise<T>): Promise<T> {
    const { deadlineMs } = this.limits;
    return withDeadline(work, deadlineMs, () => {
      throw new Error(`it does not answer within ${deadlineMs / 1000} s`);
    });
  }
}

function full(folder: string): BulkheadError {
  return new BulkheadError(
    ErrorCodes.outputDelay,
    `the disk of ${folder}, where the delay is kept, is full: what it does not take stays in memory, and where that is full as well the output airs earlier`,
    { remedy: 'Free some space on it.' },
  );
}

function failed(folder: string, error: unknown): BulkheadError {
  const reason = error instanceof Error ? error.message : String(error);
  return new BulkheadError(
    ErrorCodes.outputDelay,
    `the disk of ${folder}, where the delay is kept, has failed: ${reason}. What was on it will not air, and the delay goes on in memory, shorter`,
    {
      remedy:
        'Check that disk. "bulkhead output stop" and "bulkhead output start" begin the whole delay again.',
      cause: error,
    },
  );
}
