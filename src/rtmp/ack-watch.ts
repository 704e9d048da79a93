/** After this many acknowledgements a server is taken for one that sends them. */
const HABIT = 3;
/** How many times its usual distance one may be late. */
const PATIENCE = 4;

/**
 * Sees a server that has stopped reading while the kernel's buffers still take bytes: several MB, half a minute of a
 * usual stream. Only a server that has acknowledged regularly can be seen; what number it acknowledges does not matter,
 * since some are wrong.
 */
export class AckWatch {
  private count = 0;
  private lastAtMs = 0;
  private lastBytes = 0;
  private widestBytes: number;

  /** @param windowBytes the distance that the server was asked for */
  constructor(windowBytes: number) {
    this.widestBytes = windowBytes;
  }

  /** An acknowledgement has come, when `bytesTaken` had been written. */
  acknowledged(bytesTaken: number, nowMs: number): void {
    this.widestBytes = Math.max(this.widestBytes, bytesTaken - this.lastBytes);
    this.count++;
    this.lastBytes = bytesTaken;
    this.lastAtMs = nowMs;
  }

  /** Whether any has come. */
  get any(): boolean {
    return this.count > 0;
  }

  /** How long an acknowledgement is overdue, ms; 0 when none is. */
  overdueMs(bytesTaken: number, nowMs: number): number {
    if (this.count < HABIT || bytesTaken - this.lastBytes < PATIENCE * this.widestBytes) return 0;
    return nowMs - this.lastAtMs;
  }
}
