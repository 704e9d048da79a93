import type { SlotTime } from '../../src/encoder/canvas/slot-clock.js';

export interface FastTimeOptions {
  /** How many times faster than a clock it goes. */
  readonly speed: number;
  /** How much of the programme has been recorded, ms. */
  readonly recordedMs: () => number;
  /** Whether it has to go like a clock at this time of the programme, ms. */
  readonly isReal: (ms: number) => boolean;
}

/** How far it may be ahead of the recording, ms: less than what the studio lets an encoder owe before it leaves slots out. */
const AHEAD_MS = 400;

/**
 * The time of a programme that is encoded faster than it is played. While settings are changed it goes like a clock, since encoders have
 * to be loaded and deadlines are of real time. Otherwise it waits for the recording: a slow moment of the computer takes time, not frames.
 */
export class FastTime implements SlotTime {
  private programmeMs = 0;
  private lastMs: number | undefined;
  private changing = false;

  constructor(private readonly options: FastTimeOptions) {}

  /** Begins at 0 when it is asked for the first time. */
  now(): number {
    const { rate } = this;
    const realMs = performance.now();
    const next = this.programmeMs + (realMs - (this.lastMs ?? realMs)) * rate;
    this.lastMs = realMs;
    const mostMs = rate === 1 ? next : this.options.recordedMs() + AHEAD_MS;
    this.programmeMs = Math.max(this.programmeMs, Math.min(next, mostMs));
    return this.programmeMs;
  }

  after(delayMs: number, step: () => void): NodeJS.Timeout {
    return setTimeout(step, delayMs / this.rate);
  }

  /** Goes like a clock until `change` has ended. */
  async slowly<T>(change: () => Promise<T>): Promise<T> {
    this.changing = true;
    try {
      return await change();
    } finally {
      this.changing = false;
    }
  }

  private get rate(): number {
    return this.changing || this.options.isReal(this.programmeMs) ? 1 : this.options.speed;
  }
}
