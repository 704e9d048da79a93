/** After this many acknowledgements a server counts as one that sends them. */
const HABIT = 3;
/** How many times its usual interval an acknowledgement may be late. */
const PATIENCE = 4;
/** How far a server's number may be behind what was sent to be believed, bytes: kernels' buffers hold 4 MiB at most. */
const MOST_BEHIND = 5 << 20;

/**
 * Detects a server that has stopped reading while the kernel's buffers still accept bytes: several MB, half a minute of
 * a usual stream. Only works for a server that has acknowledged regularly; that does not need the acknowledged number, since
 * some servers send wrong ones. `receivedBytes` does: it is believed while it grows and is near what was sent.
 */
export class AckWatch {
  private count = 0;
  private lastAtMs = 0;
  private lastBytes = 0;
  private widestBytes: number;
  private lastNumber = 0;
  private received = 0;
  private believable = 0;

  /** @param windowBytes the interval that was requested from the server */
  constructor(windowBytes: number) {
    this.widestBytes = windowBytes;
  }

  /**
   * An acknowledgement has arrived when `bytesTaken` had been written.
   * @param number the bytes that the server says it has received, of which 32 bits are sent
   */
  acknowledged(number: number, bytesTaken: number, nowMs: number): void {
    const more = (number - this.lastNumber) >>> 0;
    this.lastNumber = number;
    // Some servers begin to count again from time to time: what they have received is at least what it was.
    const isPossible = more > 0 && this.received + more <= bytesTaken;
    if (isPossible) this.received += more;
    this.believable = isPossible && bytesTaken - this.received < MOST_BEHIND ? this.believable + 1 : 0;
    this.widestBytes = Math.max(this.widestBytes, bytesTaken - this.lastBytes);
    this.count++;
    this.lastBytes = bytesTaken;
    this.lastAtMs = nowMs;
  }

  /** Bytes that the server has; undefined where its numbers do not tell. */
  get receivedBytes(): number | undefined {
    return this.believable < HABIT ? undefined : this.received;
  }

  /** Whether any has arrived. */
  get any(): boolean {
    return this.count > 0;
  }

  /** How long ago the last one has arrived, ms; infinite for a server that does not send them regularly. */
  sinceMs(nowMs: number): number {
    return this.count < HABIT ? Number.POSITIVE_INFINITY : nowMs - this.lastAtMs;
  }

  /** How long an acknowledgement is overdue, ms; 0 if none is. */
  overdueMs(bytesTaken: number, nowMs: number): number {
    if (this.count < HABIT || bytesTaken - this.lastBytes < PATIENCE * this.widestBytes) return 0;
    return nowMs - this.lastAtMs;
  }
}
