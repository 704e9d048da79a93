import type { Disposable } from 'vscode-jsonrpc';

/** How much earlier than due a slot may be produced, ms: timers fire up to a millisecond late. */
const EARLY_MS = 0.3;

export interface SlotClockOptions {
  /** Slots a second; may be a fraction, such as 30000/1001. */
  readonly fps: number;
  /** Called once for each slot, from 0 on, in order. */
  readonly onSlot: (slot: number) => void;
  /** ms; `performance.now` without it. */
  readonly now?: () => number;
}

/**
 * The programme's beat: slot n is due n/fps after the start. Due times are computed, never added up, so that they do not drift.
 * Slots that are overdue, as after a busy moment, are produced at once: each slot exactly once.
 */
export class SlotClock implements Disposable {
  private readonly now: () => number;
  private startMs = 0;
  private next = 0;
  private timer: NodeJS.Timeout | undefined;
  private running = false;

  constructor(private readonly options: SlotClockOptions) {
    this.now = options.now ?? (() => performance.now());
  }

  /** The next slot to be produced. */
  get slot(): number {
    return this.next;
  }

  start(): void {
    this.startMs = this.now();
    this.running = true;
    this.run();
  }

  private run(): void {
    const { fps, onSlot } = this.options;
    while (this.running && this.dueMs() <= this.now() + EARLY_MS) onSlot(this.next++);
    if (!this.running) return;
    this.timer = setTimeout(() => this.run(), Math.min(1000 / fps, Math.max(1, this.dueMs() - this.now())));
  }

  private dueMs(): number {
    return this.startMs + (this.next * 1000) / this.options.fps;
  }

  dispose(): void {
    this.running = false;
    clearTimeout(this.timer);
  }
}
