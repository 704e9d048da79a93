/** Counts crashes within a sliding window of time. */
export class CrashWindow {
  private crashes: number[] = [];

  constructor(
    private readonly maxCrashes: number,
    private readonly windowMs: number,
  ) {}

  /** Records a crash at `nowMs`; returns true if that exceeds the limit. */
  add(nowMs: number): boolean {
    this.crashes = [...this.crashes, nowMs].filter((atMs) => nowMs - atMs < this.windowMs);
    return this.crashes.length >= this.maxCrashes;
  }

  /** The crashes that count at `nowMs`. */
  within(nowMs: number): readonly number[] {
    return this.crashes.filter((atMs) => nowMs - atMs < this.windowMs);
  }

  clear(): void {
    this.crashes = [];
  }
}
