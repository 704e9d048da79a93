/** Longest time in which an encoder with frames to encode may deliver none, ms, as long as none was only slow. */
const LEAST_MS = 700;
/** The same at most. With the time that a rival takes it stays below 1.5 s, of which frames are kept. */
const MOST_MS = 1200;
const GROWTH = 1.3;
/** After this time without one that was only slow, it is as at first, ms. */
const FORGET_MS = 30_000;

/** How long an encoder may be silent: longer on a computer on which encoders have turned out to be only slow. */
export class Patience {
  private currentMs = LEAST_MS;
  private slowAtMs = Number.NEGATIVE_INFINITY;

  /** @param now ms */
  constructor(private readonly now: () => number = () => performance.now()) {}

  /** ms */
  get ms(): number {
    if (this.now() - this.slowAtMs >= FORGET_MS) this.currentMs = LEAST_MS;
    return this.currentMs;
  }

  /** An encoder that was silent for too long has delivered after all. */
  wasSlow(): void {
    this.currentMs = Math.min(MOST_MS, this.ms * GROWTH);
    this.slowAtMs = this.now();
  }
}
