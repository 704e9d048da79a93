import { DisposableStore } from '../../../base/disposable-store.js';
import { Emitter, type Event } from '../../../base/event.js';
import { withDeadline } from '../../../base/with-deadline.js';
import { DELAY_MAX_BYTES } from '../../../config/output-delay.js';
import { GopCache } from '../../../media/gop-cache.js';
import type { StreamTag } from '../../../media/stream-tag.js';
import type { RemovedFromDelay } from '../../../protocol/delay.js';
import { BulkheadError, ErrorCodes } from '../../../protocol/errors.js';
import type { Output, OwnStatus } from '../output.js';
import { DelayLine } from './delay-line.js';
import type { RingUse } from './delay-rings.js';
import { MemoryStore } from './delay-store.js';

/** A keyframe comes every 10 s at least; without an encoder, the slate has one every second. */
const CUT_DEADLINE_MS = 12_000;
/** Longest wait of a timer, ms: what is held is looked at again then. */
const LONGEST_WAIT_MS = 60_000;

/** The part of a delay that is on disk. */
export interface DelayOnDisk {
  /** Called when the output starts, and not before. */
  readonly use: () => RingUse;
  /** What has to be free on the disk at the start, bytes. */
  readonly neededBytes: number;
}

/**
 * An output that airs later. It connects when the first keyframe is due, since servers do not keep a session without media, and
 * a session that begins later starts with what is due then.
 */
export class DelayedOutput implements Output {
  private readonly changeEmitter = new Emitter<void>();
  readonly onDidChange: Event<void> = this.changeEmitter.event;
  private readonly listening = new DisposableStore();
  private line: DelayLine;
  private onDisk: RingUse | undefined;
  /** What has aired. */
  private readonly aired = new GopCache();
  private readonly output: Output;
  private timer: NodeJS.Timeout | undefined;
  private state: 'idle' | 'filling' | 'airing' | 'over' = 'idle';
  /** Why it does not air at all. */
  private refusal: BulkheadError | undefined;
  /** Called when a cut is complete. */
  private readonly completions = new Set<() => void>();

  /**
   * @param startingPoint the stream as of now, which the delay begins with
   * @param create makes the output that it airs to
   * @param disk where the delay is kept; in memory without it
   */
  constructor(
    private readonly delaySeconds: number,
    private readonly startingPoint: () => StreamTag[],
    create: (startingPoint: () => StreamTag[]) => Output,
    private readonly disk?: DelayOnDisk,
  ) {
    this.line = new DelayLine(delaySeconds * 1000, new MemoryStore(DELAY_MAX_BYTES));
    this.output = create(() => this.aired.snapshot());
    this.listening.add(this.output.onDidChange(() => this.changeEmitter.fire()));
  }

  get id(): string {
    return this.output.id;
  }

  start(): void {
    if (this.state !== 'idle') return;
    this.state = 'filling';
    if (this.disk !== undefined) this.keepOnDisk(this.disk);
    for (const tag of this.startingPoint()) this.line.push(tag);
    this.wait();
  }

  push(tag: StreamTag): void {
    if (this.state === 'idle' || this.state === 'over') return;
    this.line.push(tag);
    if (!this.line.isCutting) this.complete();
    this.wait();
  }

  /**
   * Removes the last seconds of what has not aired yet, all of it without `lastMs`. Resolves when it is known where the stream
   * continues. Never rejects.
   */
  async cut(lastMs = Number.POSITIVE_INFINITY): Promise<RemovedFromDelay> {
    const { line } = this;
    const beforeMs = line.cutMs;
    line.cut(lastMs);
    const complete = new Promise<void>((resolve) => {
      if (line.isCutting) this.completions.add(resolve);
      else resolve();
    });
    await withDeadline(complete, CUT_DEADLINE_MS, () => {});
    return { id: this.id, removedMs: Math.round(line.cutMs - beforeMs), leftMs: Math.round(line.heldMs) };
  }

  async stop(deadlineMs: number): Promise<void> {
    const removed = this.end();
    await this.output.stop(deadlineMs);
    await withDeadline(removed, deadlineMs, () => {});
  }

  status(): OwnStatus {
    const { state, error, ...status } = this.output.status();
    const isFilling = this.state === 'filling' && state === 'idle';
    const shown = isFilling ? 'connecting' : state;
    return {
      ...status,
      state: this.refusal === undefined ? shown : 'failed',
      delayMs: Math.round(this.line.heldMs),
      ...(this.disk === undefined ? {} : { delayOnDisk: true }),
      error: (this.refusal ?? this.onDisk?.ring.trouble)?.toData() ?? error,
    };
  }

  takeTransitTimes(): number[] {
    return this.output.takeTransitTimes();
  }

  dispose(): void {
    void this.end();
    this.listening.dispose();
    this.output.dispose();
    this.changeEmitter.dispose();
  }

  private keepOnDisk({ use, neededBytes }: DelayOnDisk): void {
    const onDisk = use();
    const { ring } = onDisk;
    this.onDisk = onDisk;
    this.line = new DelayLine(this.delaySeconds * 1000, ring);
    let { trouble } = ring;
    this.listening.add(
      ring.onDidChange(() => {
        if (this.state === 'over') return;
        this.wait();
        if (trouble === ring.trouble) return;
        trouble = ring.trouble;
        this.changeEmitter.fire();
      }),
    );
    ring.freeBytes().then(
      (bytes) => {
        if (bytes < neededBytes) this.refuse(noRoom(this.id, ring.folder, neededBytes, bytes));
      },
      (error: Error) => this.refuse(unusable(this.id, ring.folder, error)),
    );
  }

  private refuse(error: BulkheadError): void {
    if (this.state !== 'filling') return;
    this.refusal = error;
    void this.end();
    this.changeEmitter.fire();
  }

  private wait(): void {
    this.line.readAhead(performance.now());
    const { nextDueMs } = this.line;
    if (nextDueMs === undefined || this.timer !== undefined) return;
    const waitMs = nextDueMs - performance.now();
    if (waitMs <= 0) this.release();
    else this.timer = setTimeout(() => this.release(), Math.min(waitMs, LONGEST_WAIT_MS));
  }

  private release(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    for (const tag of this.line.takeDue(performance.now())) {
      this.aired.push(tag);
      if (this.state === 'airing') this.output.push(tag);
      else if (tag.kind === 'keyframe') {
        this.state = 'airing';
        this.output.start();
      }
    }
    this.wait();
  }

  private complete(): void {
    for (const resolve of this.completions) resolve();
    this.completions.clear();
  }

  /** Resolves when nothing of it is on disk any more. Never rejects. */
  private async end(): Promise<void> {
    this.state = 'over';
    clearTimeout(this.timer);
    this.timer = undefined;
    this.complete();
    this.line.dispose();
    await this.onDisk?.end();
  }
}

function noRoom(id: string, folder: string, neededBytes: number, freeBytes: number): BulkheadError {
  const message = `this delay needs about ${inMb(neededBytes)} of disk, and ${inMb(freeBytes)} are free in ${folder}`;
  return new BulkheadError(ErrorCodes.outputDelay, message, {
    where: `outputs.${id}`,
    remedy:
      'Free some space, name a folder on another disk as "delayFolder", or set a shorter "delaySeconds".',
  });
}

function unusable(id: string, folder: string, error: Error): BulkheadError {
  const message = `the folder ${folder}, where the delay is to be kept, cannot be used: ${error.message}`;
  return new BulkheadError(ErrorCodes.outputDelay, message, {
    where: `outputs.${id}`,
    remedy: 'Name another one as "delayFolder", or set a "delaySeconds" of 60 at most, which needs no disk.',
    cause: error,
  });
}

function inMb(bytes: number): string {
  return `${Math.ceil(bytes / 1e6)} MB`;
}
