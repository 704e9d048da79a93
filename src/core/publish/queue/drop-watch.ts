/** Length of a window, ms, and number of windows examined together. */
const WINDOW_MS = 1000;
const WINDOWS = 10;
/** Drops in this many of them mean that the server is slow. */
const SLOW_WINDOWS = 4;

/** Detects a server, or a network, that accepts less than is sent, by the dropped frames. */
export class DropWatch {
  /** Whether frames were dropped in each of the latest windows. */
  private windows: boolean[] = [];
  /** Start of the current window. */
  private began: { readonly dropped: number; readonly atMs: number } | undefined;
  private slow = false;

  /**
   * @param dropped frames dropped so far, at `nowMs`; those before the first call do not count
   * @returns whether the server is slow, if that has changed; undefined if it has not
   */
  take(dropped: number, nowMs: number): boolean | undefined {
    this.began ??= { dropped, atMs: nowMs };
    if (nowMs - this.began.atMs < WINDOW_MS) return undefined;
    this.windows = [...this.windows, dropped > this.began.dropped].slice(-WINDOWS);
    this.began = { dropped, atMs: nowMs };
    const withDrops = this.windows.filter(Boolean).length;
    const slow = this.slow ? withDrops > 0 : withDrops >= SLOW_WINDOWS;
    if (slow === this.slow) return undefined;
    this.slow = slow;
    return slow;
  }
}
