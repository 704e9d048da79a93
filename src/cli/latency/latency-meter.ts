import { PrecisionTimestampScanner } from '../../media/precision-timestamp.js';

/** What a server has kept for new viewers arrives late: the first frames are left out, ms. */
const SETTLE_MS = 1000;

/** How late frames were when they arrived, ms. */
export interface Latency {
  readonly frames: number;
  readonly leastMs: number;
  readonly medianMs: number;
  readonly p95Ms: number;
  readonly mostMs: number;
}

/** Measures how late the frames of a stream arrive, by what they say of when they were taken. */
export class LatencyMeter {
  private readonly scanner = new PrecisionTimestampScanner();
  private readonly latenciesMs: number[] = [];
  /** When the first frame has come that says when it was taken, ms since 1970. */
  firstAtMs: number | undefined;
  private newestMs = Number.NEGATIVE_INFINITY;

  /** @param nowMs when these bytes have arrived, ms since 1970, by the same clock as the frames' */
  push(bytes: Buffer, nowMs: number): void {
    for (const timeMs of this.scanner.push(bytes)) {
      this.firstAtMs ??= nowMs;
      // The slate is a frame that was shown before. Frames that arrive in another order than they were taken count all the same.
      if (nowMs - this.firstAtMs < SETTLE_MS || this.isRepeated(timeMs)) continue;
      this.latenciesMs.push(nowMs - timeMs);
    }
  }

  /** Undefined before the first frame that counts. */
  get latency(): Latency | undefined {
    const sorted = this.latenciesMs.toSorted((a, b) => a - b);
    const at = (share: number) => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
    const [leastMs, medianMs, p95Ms, mostMs] = [at(0), at(0.5), at(0.95), at(1)].map((ms) =>
      ms === undefined ? undefined : Math.round(ms),
    );
    if (leastMs === undefined || medianMs === undefined || p95Ms === undefined || mostMs === undefined)
      return undefined;
    return { frames: sorted.length, leastMs, medianMs, p95Ms, mostMs };
  }

  private isRepeated(timeMs: number): boolean {
    if (timeMs === this.newestMs) return true;
    this.newestMs = timeMs;
    return false;
  }
}
