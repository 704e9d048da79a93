import type { Disposable } from 'vscode-jsonrpc';

/** How much earlier than due a slot may be produced, ms: a timer cannot wait for so little. */
const EARLY_MS = 0.3;

/** The time by which slots are due; it may go faster than a clock. */
export interface SlotTime {
  /** ms */
  now(): number;
  /** Calls back once, after so many ms of this time. */
  after(delayMs: number, step: () => void): NodeJS.Timeout;
}

export const REAL_TIME: SlotTime = {
  now: () => performance.now(),
  after: (delayMs, step) => setTimeout(step, delayMs),
};

export interface SlotClockOptions {
  /** Slots a second; may be a fraction, such as 30000/1001. */
  readonly fps: number;
  /** Called once for each slot, from 0 on, in order. */
  readonly onSlot: (slot: number) => void;
  /** {@link REAL_TIME} without it. */
  readonly time?: SlotTime | undefined;
}

/**
 * The programme's beat: slot n is due n/fps after the start. Due times are computed, never added up, so that they do not drift.
 * Slots that are overdue, as after a busy moment, are produced at once: each slot exactly once.
 */
export class SlotClock implements Disposable {
  private readonly time: SlotTime;
  private startMs = 0;
  private next = 0;
  private timer: NodeJS.Timeout | undefined;
  private running = false;

  constructor(private readonly options: SlotClockOptions) {
    this.time = options.time ?? REAL_TIME;
  }

  /** The next slot to be produced. */
  get slot(): number {
    return this.next;
  }

  start(): void {
    this.startMs = this.time.now();
    this.running = true;
    this.run();
  }

  private run(): void {
    const { fps, onSlot } = this.options;
    while (this.running && this.dueMs() <= this.time.now() + EARLY_MS) onSlot(this.next++);
    if (!this.running) return;
    // A timer counts whole milliseconds: one that is too short by a part of one would have to be set again, and again.
    const delayMs = Math.ceil(this.dueMs() - this.time.now() - EARLY_MS);
    this.timer = this.time.after(Math.min(Math.ceil(1000 / fps), Math.max(1, delayMs)), () => this.run());
  }

  private dueMs(): number {
    return this.startMs + (this.next * 1000) / this.options.fps;
  }

  dispose(): void {
    this.running = false;
    clearTimeout(this.timer);
  }
}
