/** Notices when there is more of something than usual. */
export class Burst {
  private timesMs: number[] = [];
  private lastMs = Number.NEGATIVE_INFINITY;

  /**
   * @param count So many …
   * @param withinMs … in this time are a burst.
   * @param cooldownMs After one there is none for this long.
   */
  constructor(
    private readonly count: number,
    private readonly withinMs: number,
    private readonly cooldownMs: number,
  ) {}

  /** @returns how many there were, if this is the one that makes it a burst */
  note(nowMs: number): number | undefined {
    this.timesMs = this.timesMs.filter((atMs) => nowMs - atMs < this.withinMs);
    this.timesMs.push(nowMs);
    const { length } = this.timesMs;
    if (length < this.count || nowMs - this.lastMs < this.cooldownMs) return undefined;
    this.lastMs = nowMs;
    return length;
  }
}
