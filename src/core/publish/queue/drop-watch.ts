/** Length of a window, ms, and how many are looked at together. */
const WINDOW_MS = 1000;
const WINDOWS = 10;
/** Drops in so many of them are no hiccup any more. */
const SLOW_WINDOWS = 4;

/** Sees a server, or the way to it, that takes less than is sent, by the frames that had to be dropped for it. */
export class DropWatch {
  /** The latest windows, each whether frames were dropped in it. */
  private windows: boolean[] = [];
  /** Where the present window began. */
  private began: { readonly dropped: number; readonly atMs: number } | undefined;
  private slow = false;

  /**
   * @param dropped frames dropped so far, at `nowMs`; those of before the first call do not count
   * @returns whether too little is taken, where that has changed; undefined where it has not
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
