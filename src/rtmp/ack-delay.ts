/** Parts of the data of which it is known when they were handed on; more are only there while a server acknowledges nothing. */
const MOST_MARKS = 1024;
/** Acknowledgements that the delay is the median of; and before the first so many it is not known. */
const WINDOW = 9;
const LEAST = 3;
/** Acknowledgements have 32 bits. */
const WRAP = 2 ** 32;

/**
 * Measures how long it takes until a server says that it has what was handed to the system. Servers count differently: with the handshake or
 * without it, which makes the delay longer by one frame at most. One whose numbers cannot be true is not measured.
 */
export class AckDelay {
  /** Bytes of the connection up to the end of each part, and when that was handed on. */
  private marks: { readonly bytes: number; readonly atMs: number }[] = [];
  /** Up to here it is no longer known. */
  private forgottenBytes = 0;
  private lastNumber = 0;
  private wraps = 0;
  private delays: number[] = [];

  /** @param bytes of the connection that have been handed on by now */
  sent(bytes: number, nowMs: number): void {
    this.marks.push({ bytes, atMs: nowMs });
    if (this.marks.length > MOST_MARKS) this.forgottenBytes = this.marks.shift()?.bytes ?? 0;
  }

  /**
   * @param number bytes that the server says it has received, of which 32 bits are sent
   * @returns how long these have taken, ms; undefined where that is not known
   */
  acknowledged(number: number, nowMs: number): number | undefined {
    if (number < this.lastNumber) this.wraps += 1;
    this.lastNumber = number;
    const bytes = number + this.wraps * WRAP;
    if (bytes <= this.forgottenBytes) return undefined;
    const index = this.marks.findIndex((mark) => mark.bytes >= bytes);
    const mark = this.marks[index];
    if (mark === undefined) {
      // More than was sent: some servers begin to count anew.
      this.delays = [];
      return undefined;
    }
    this.marks.splice(0, index);
    const delayMs = nowMs - mark.atMs;
    this.delays.push(delayMs);
    if (this.delays.length > WINDOW) this.delays.shift();
    return delayMs;
  }

  /** Undefined where it is not known. */
  get ms(): number | undefined {
    if (this.delays.length < LEAST) return undefined;
    const sorted = [...this.delays].sort((a, b) => a - b);
    return sorted[Math.floor(sorted.length / 2)];
  }
}
