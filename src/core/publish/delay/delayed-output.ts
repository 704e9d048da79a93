import { withDeadline } from '../../../base/with-deadline.js';
import { DELAY_MAX_BYTES } from '../../../config/output-delay.js';
import { GopCache } from '../../../media/gop-cache.js';
import type { StreamTag } from '../../../media/stream-tag.js';
import type { RemovedFromDelay } from '../../../protocol/delay.js';
import type { Output, OwnStatus } from '../output.js';
import { DelayLine } from './delay-line.js';

/** A keyframe comes every 10 s at least; without an encoder, the slate has one every second. */
const CUT_DEADLINE_MS = 12_000;
/** Longest wait of a timer, ms: less than a minute is held. */
const LONGEST_WAIT_MS = 60_000;

/**
 * An output that airs later. It connects when the first keyframe is due, since servers do not keep a session without media, and
 * a session that begins later starts with what is due then.
 */
export class DelayedOutput implements Output {
  private readonly line: DelayLine;
  /** What has aired. */
  private readonly aired = new GopCache();
  private readonly output: Output;
  private timer: NodeJS.Timeout | undefined;
  private state: 'idle' | 'filling' | 'airing' | 'over' = 'idle';
  /** Called when a cut is complete. */
  private readonly completions = new Set<() => void>();

  /**
   * @param startingPoint the stream as of now, which the delay begins with
   * @param create makes the output that it airs to
   */
  constructor(
    delaySeconds: number,
    private readonly startingPoint: () => StreamTag[],
    create: (startingPoint: () => StreamTag[]) => Output,
    maxBytes = DELAY_MAX_BYTES,
  ) {
    this.line = new DelayLine(delaySeconds * 1000, maxBytes);
    this.output = create(() => this.aired.snapshot());
  }

  get id(): string {
    return this.output.id;
  }

  get onDidChange(): Output['onDidChange'] {
    return this.output.onDidChange;
  }

  start(): void {
    if (this.state !== 'idle') return;
    this.state = 'filling';
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
    this.end();
    await this.output.stop(deadlineMs);
  }

  status(): OwnStatus {
    const { state, ...status } = this.output.status();
    const isFilling = this.state === 'filling' && state === 'idle';
    return { ...status, state: isFilling ? 'connecting' : state, delayMs: Math.round(this.line.heldMs) };
  }

  takeTransitTimes(): number[] {
    return this.output.takeTransitTimes();
  }

  dispose(): void {
    this.end();
    this.output.dispose();
  }

  private wait(): void {
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

  private end(): void {
    this.state = 'over';
    clearTimeout(this.timer);
    this.timer = undefined;
    this.complete();
  }
}
