/** A frame shown for longer than this is a noticeable interruption, ms. */
const NOTICED_MS = 400;

/** How often the video was frozen, and for how long at most. */
export class FreezeMeter {
  private lastFrameMs: number | undefined;
  private longest = 0;
  private noticed = 0;
  private frames = 0;

  /** Whether there is data yet. */
  get hasBegun(): boolean {
    return this.frames > 1;
  }

  /** Longest time that one frame was shown, ms. */
  get longestMs(): number {
    return this.longest;
  }

  /** Number of noticeable interruptions. */
  get count(): number {
    return this.noticed;
  }

  frame(atMs: number): void {
    this.frames += 1;
    const stillMs = this.lastFrameMs === undefined ? 0 : atMs - this.lastFrameMs;
    if (stillMs >= NOTICED_MS) this.noticed += 1;
    this.longest = Math.max(this.longest, stillMs);
    this.lastFrameMs = atMs;
  }

  /** The next pause is not caused by the stream: the viewer paused it, or the tab was hidden. */
  interrupt(): void {
    this.lastFrameMs = undefined;
  }
}

/** The mean of the last few values: a stream's bitrate varies with its keyframes. */
export class MovingAverage {
  private values: number[] = [];

  constructor(private readonly size: number) {}

  get value(): number {
    return this.values.reduce((sum, value) => sum + value, 0) / (this.values.length || 1);
  }

  add(value: number): void {
    this.values = [...this.values, value].slice(-this.size);
  }

  clear(): void {
    this.values = [];
  }
}

/** How often something happens per second, from a counter that only increases. */
export class RateMeter {
  private first: { readonly atMs: number; readonly count: number } | undefined;
  private perSecond = 0;

  constructor(private readonly windowMs: number) {}

  get rate(): number {
    return this.perSecond;
  }

  observe(atMs: number, count: number): void {
    if (count === 0 || this.first === undefined || count < this.first.count) {
      this.perSecond = 0;
      this.first = { atMs, count };
      return;
    }
    const elapsedMs = atMs - this.first.atMs;
    if (elapsedMs < this.windowMs) return;
    this.perSecond = ((count - this.first.count) * 1000) / elapsedMs;
    this.first = { atMs, count };
  }
}
