/** A frame that stays on the screen for so long is an interruption that a viewer notices, ms. */
const NOTICED_MS = 400;

/** How often the frame stood still, and for how long at most. */
export class FreezeMeter {
  private lastFrameMs: number | undefined;
  private longest = 0;
  private noticed = 0;
  private frames = 0;

  /** Whether there is anything to judge by. */
  get hasBegun(): boolean {
    return this.frames > 1;
  }

  /** Longest time that one frame stayed on the screen, ms. */
  get longestMs(): number {
    return this.longest;
  }

  /** Interruptions that a viewer notices. */
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

  /** What follows is not the stream's doing: the viewer paused it, or the tab was hidden. */
  interrupt(): void {
    this.lastFrameMs = undefined;
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
