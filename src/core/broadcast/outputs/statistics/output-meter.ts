import type { OutputStatistics } from '../../../../protocol/output-statistics.js';

/** What is measured is this long, ms, at least: rates of less say little. */
const LEAST_MS = 500;
/** Number of measurements that the lowest bitrate is a mean of: single seconds differ by the size of keyframes. */
const LOWEST_OVER = 5;

/** What an output has sent so far. */
export interface Sent {
  readonly framesSent: number;
  readonly bytesSent: number;
}

/** Measures what one output sends, once a second, and how long it is live. */
export class OutputMeter {
  private last: (Sent & { readonly atMs: number }) | undefined;
  private rates = { fps: 0, bitrateKbps: 0 };
  /** Bitrates of the last measurements while it was live all the time. */
  private recent: number[] = [];
  private lowest: number | undefined;
  private liveSinceMs: number | undefined;
  private earlierMs = 0;

  /** To be called once a second. */
  measure({ framesSent, bytesSent }: Sent, nowMs: number): void {
    const { last } = this;
    if (last !== undefined && nowMs - last.atMs < LEAST_MS) return;
    this.last = { framesSent, bytesSent, atMs: nowMs };
    if (last === undefined) return;
    const ms = nowMs - last.atMs;
    const bitrateKbps = Math.round((Math.max(0, bytesSent - last.bytesSent) * 8) / ms);
    const fps = Math.round((Math.max(0, framesSent - last.framesSent) * 10_000) / ms) / 10;
    this.rates = { fps, bitrateKbps };
    if (this.liveSinceMs === undefined || this.liveSinceMs > last.atMs) {
      this.recent = [];
      return;
    }
    this.recent = [...this.recent, bitrateKbps].slice(-LOWEST_OVER);
    if (this.recent.length < LOWEST_OVER) return;
    const mean = Math.round(this.recent.reduce((sum, kbps) => sum + kbps, 0) / LOWEST_OVER);
    this.lowest = Math.min(mean, this.lowest ?? mean);
  }

  /** Whether it is live from now on. */
  setLive(isLive: boolean, nowMs: number): void {
    if (isLive) {
      this.liveSinceMs ??= nowMs;
      return;
    }
    this.earlierMs = this.liveMs(nowMs);
    this.liveSinceMs = undefined;
  }

  liveMs(nowMs: number): number {
    return this.earlierMs + (this.liveSinceMs === undefined ? 0 : nowMs - this.liveSinceMs);
  }

  /** The lowest bitrate of five seconds in which it was live, kbit/s; undefined before that. */
  get lowestKbps(): number | undefined {
    return this.lowest;
  }

  statistics(nowMs: number): Pick<OutputStatistics, 'fps' | 'bitrateKbps' | 'liveMs'> {
    return { ...this.rates, liveMs: Math.round(this.liveMs(nowMs)) };
  }
}
