/** The longest time that one picture stayed on the screen, ms. */
export class FreezeMeter {
  private lastPictureMs: number | undefined;
  private longest = 0;

  get longestMs(): number {
    return this.longest;
  }

  picture(atMs: number): void {
    if (this.lastPictureMs !== undefined) this.longest = Math.max(this.longest, atMs - this.lastPictureMs);
    this.lastPictureMs = atMs;
  }

  /** What follows is not the stream's doing: the viewer paused it, or the tab was hidden. */
  interrupt(): void {
    this.lastPictureMs = undefined;
  }
}

/** The mean of the last few values: a stream's bitrate rises and falls with its keyframes. */
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

/** How often something happens in a second, from a counter that only grows. */
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
