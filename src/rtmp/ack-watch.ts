/** After this many acknowledgements a server counts as one that sends them. */
const HABIT = 3;
/** How many times its usual interval an acknowledgement may be late. */
const PATIENCE = 4;

/**
 * Detects a server that has stopped reading while the kernel's buffers still accept bytes: several MB, half a minute of
 * a usual stream. Only works for a server that has acknowledged regularly; the acknowledged number is ignored, since
 * some servers send wrong ones.
 */
export class AckWatch {
  private count = 0;
  private lastAtMs = 0;
  private lastBytes = 0;
  private widestBytes: number;

  /** @param windowBytes the interval that was requested from the server */
  constructor(windowBytes: number) {
    this.widestBytes = windowBytes;
  }

  /** An acknowledgement has arrived when `bytesTaken` had been written. */
  acknowledged(bytesTaken: number, nowMs: number): void {
    this.widestBytes = Math.max(this.widestBytes, bytesTaken - this.lastBytes);
    this.count++;
    this.lastBytes = bytesTaken;
    this.lastAtMs = nowMs;
  }

  /** Whether any has arrived. */
  get any(): boolean {
    return this.count > 0;
  }

  /** How long an acknowledgement is overdue, ms; 0 if none is. */
  overdueMs(bytesTaken: number, nowMs: number): number {
    if (this.count < HABIT || bytesTaken - this.lastBytes < PATIENCE * this.widestBytes) return 0;
    return nowMs - this.lastAtMs;
  }
}
