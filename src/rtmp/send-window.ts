/** How long acknowledged bytes are counted together, ms, and of how many such times the best says what the network carries, besides the current one. */
const SLOT_MS = 500;
const SLOTS = 6;
/** The shortest delay of so long says how long the way is without queues, ms. */
const DELAY_OF_MS = 15_000;
/** How much may be under way beyond what the way itself takes, ms: a keyframe must not wait for one acknowledgement after the other. */
const SPARE_MS = 250;
const LEAST_BYTES = 48_000;
/** How many of the server's intervals may be under way at least, and of how many acknowledgements the longest one counts. */
const LEAST_INTERVALS = 2;
const INTERVALS = 32;
/** A server that acknowledges nothing for so long may do it more seldom than before, ms: it is given twice as much each time, so many times. */
const DOUBT_MS = 1000;
const MOST_DOUBTS = 6;

interface Timed {
  value: number;
  readonly atMs: number;
}

/**
 * How much may be under way to a server that acknowledges. When the network becomes slower, the kernel takes a second and more of a stream, which
 * then can neither be dropped nor be seen to be late; so what exceeds the network's rate times its delay waits in the queue instead. The idea is
 * that of TCP's BBR. A server whose acknowledgements do not tell what it has is sent all that the kernel takes.
 */
export class SendWindow {
  private received: number | undefined;
  private receivedAtMs = 0;
  private readonly intervals: number[] = [];
  private readonly slots: Timed[] = [];
  /** Each is shorter than those after it, which are more recent. */
  private readonly delays: Timed[] = [];

  /**
   * An acknowledgement has arrived.
   *
   * @param received bytes that the server has; undefined where its numbers do not tell
   * @param delayMs how long the last of them took; undefined where that is not known
   */
  acknowledged(received: number | undefined, delayMs: number | undefined, nowMs: number): void {
    const before = this.received;
    this.received = received;
    this.receivedAtMs = nowMs;
    if (received === undefined || before === undefined) {
      this.slots.length = 0;
      this.intervals.length = 0;
      return;
    }
    this.intervals.push(received - before);
    if (this.intervals.length > INTERVALS) this.intervals.shift();
    this.count(received - before, nowMs);
    if (delayMs !== undefined) this.noteDelay(delayMs, nowMs);
  }

  private noteDelay(delayMs: number, nowMs: number): void {
    const { delays } = this;
    while (nowMs - (delays[0]?.atMs ?? nowMs) >= DELAY_OF_MS) delays.shift();
    while ((delays.at(-1)?.value ?? Number.NEGATIVE_INFINITY) >= delayMs) delays.pop();
    delays.push({ value: delayMs, atMs: nowMs });
  }

  /**
   * Whether further data should wait for an acknowledgement.
   *
   * @param writtenBytes all bytes of the connection so far
   */
  isFull(writtenBytes: number, nowMs: number): boolean {
    // Before one whole slot it is not known what the network carries.
    if (this.received === undefined || this.slots.length < 2) return false;
    const underWay = writtenBytes - this.received;
    return underWay >= LEAST_BYTES && underWay >= this.allowedBytes(nowMs);
  }

  private allowedBytes(nowMs: number): number {
    const doubts = Math.min(MOST_DOUBTS, Math.floor((nowMs - this.receivedAtMs) / DOUBT_MS));
    const interval = Math.max(0, ...this.intervals) * 2 ** doubts;
    const bytesPerMs = Math.max(0, ...this.slots.map(({ value }) => value)) / SLOT_MS;
    const delayMs = this.delays[0]?.value ?? SLOT_MS;
    return Math.max(LEAST_INTERVALS * interval, interval + bytesPerMs * (delayMs + SPARE_MS));
  }

  private count(bytes: number, nowMs: number): void {
    const last = this.slots.at(-1);
    if (last !== undefined && nowMs - last.atMs < SLOT_MS) {
      last.value += bytes;
      return;
    }
    this.slots.push({ value: bytes, atMs: nowMs });
    if (this.slots.length > SLOTS + 1) this.slots.shift();
  }
}
