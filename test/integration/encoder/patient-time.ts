import type { SlotTime } from '../../../src/encoder/canvas/slot-clock.js';

/** How far the programme may be ahead of its recording, ms: less than what may be owed before slots are left out. */
const AHEAD_MS = 400;

/** A clock that waits for the recording: a slow moment of the computer takes time, not frames. */
export class PatientTime implements SlotTime {
  private programmeMs = 0;
  private lastMs: number | undefined;

  /** @param recordedMs how much of the programme has been recorded */
  constructor(private readonly recordedMs: () => number) {}

  now(): number {
    const realMs = performance.now();
    const next = this.programmeMs + realMs - (this.lastMs ?? realMs);
    this.lastMs = realMs;
    this.programmeMs = Math.max(this.programmeMs, Math.min(next, this.recordedMs() + AHEAD_MS));
    return this.programmeMs;
  }

  after(delayMs: number, step: () => void): NodeJS.Timeout {
    return setTimeout(step, delayMs);
  }
}
