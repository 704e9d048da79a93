import type { FfmpegExit } from '../ffmpeg-errors.js';

/** How a handover has ended. */
export type HandoverEnd =
  | { readonly kind: 'done' }
  /** The successor has exited; the encoder before goes on. */
  | { readonly kind: 'exited'; readonly exit: FfmpegExit }
  /** The successor has delivered nothing in time; the encoder before goes on. */
  | { readonly kind: 'silent' }
  /** The encoder before was lost meanwhile, and another one of its settings has taken its place: it can be tried again. */
  | { readonly kind: 'interrupted' }
  /** The track has ended. */
  | { readonly kind: 'ended' };

export interface HandoverOptions {
  /** The first frame that is the successor's. */
  readonly cut: number;
  /** How long the successor may take to its first frame, ms. */
  readonly deadlineMs: number;
  /** Whether every frame below the cut is on the stream. */
  readonly isDrained: () => boolean;
  /**
   * The successor takes over: what it delivers goes to the stream from now on. What the live encoder still owes below the cut, it was
   * too slow for.
   */
  readonly onDone: () => void;
}

/** How often it is looked whether the live encoder, which is slow, still has frames to deliver, ms. */
const CHECK_MS = 250;
/** How long the live encoder may take for what lies below the cut, ms, if it is slow. */
const DRAIN_MS = 4000;

/** Puts a header or a frame on the stream. */
type Send = () => void;

/**
 * Two encoders at work on one track: what lies below the cut is the live one's, the rest the successor's. Both get the frames from the
 * cut on, so that the live one can go on if the successor fails: until that is known, what both deliver beyond the cut is kept.
 */
export class Handover {
  private readonly kept: Send[] = [];
  private readonly early: Send[] = [];
  private first: number;
  private timer: NodeJS.Timeout | undefined;
  private begun = false;
  private begunAtMs = 0;
  private delivers = false;
  private outcome: HandoverEnd['kind'] | undefined;
  private settle: (end: HandoverEnd) => void = () => {};
  /** Never rejects. */
  readonly ended: Promise<HandoverEnd>;

  constructor(private readonly options: HandoverOptions) {
    this.first = options.cut;
    this.ended = new Promise((resolve) => {
      this.settle = resolve;
    });
  }

  get cut(): number {
    return this.first;
  }

  /** Whether the successor gets frames. */
  get hasBegun(): boolean {
    return this.begun;
  }

  /** Moves the cut, before it has begun. */
  postpone(cut: number): void {
    this.first = cut;
  }

  /** The successor gets the frames from the cut on. */
  begin(): void {
    this.begun = true;
    this.begunAtMs = performance.now();
    this.timer = setTimeout(() => this.check(), this.options.deadlineMs);
  }

  takeLive(number: number, send: Send): void {
    if (this.outcome !== undefined || number < this.first) send();
    else this.kept.push(send);
    this.finish();
  }

  takeSuccessorHeader(send: Send): void {
    if (this.outcome === 'done') send();
    else if (this.outcome === undefined) this.early.push(send);
  }

  takeSuccessor(number: number, send: Send): void {
    if (number < this.first) return;
    this.takeSuccessorHeader(send);
    this.delivers = true;
    this.finish();
  }

  /** Without the successor: what was kept of the live encoder goes to the stream. */
  rollBack(end: Exclude<HandoverEnd, { kind: 'done' }>): void {
    if (!this.conclude(end)) return;
    for (const send of this.kept) send();
  }

  private finish(): void {
    if (this.delivers && this.outcome === undefined && this.options.isDrained()) this.complete();
  }

  /** The deadline is over. On a computer that is too slow, the live encoder may still have to deliver what lies below the cut. */
  private check(): void {
    const isOver = performance.now() - this.begunAtMs >= this.options.deadlineMs + DRAIN_MS;
    if (!this.delivers && (isOver || this.options.isDrained())) this.rollBack({ kind: 'silent' });
    else if (isOver) this.complete();
    else this.timer = setTimeout(() => this.check(), CHECK_MS);
  }

  private complete(): void {
    this.conclude({ kind: 'done' });
    this.options.onDone();
    for (const send of this.early) send();
  }

  private conclude(end: HandoverEnd): boolean {
    if (this.outcome !== undefined) return false;
    this.outcome = end.kind;
    clearTimeout(this.timer);
    this.settle(end);
    return true;
  }
}
