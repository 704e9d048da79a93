/** What an output is like at one moment. */
export interface RateSample {
  /** By `performance.now()`. */
  readonly nowMs: number;
  /** How long the oldest frame has waited to be sent, ms. */
  readonly lateMs: number;
  /** How long the socket has taken nothing although something waits, ms. */
  readonly stalledMs: number;
  /** Bytes that the socket has taken so far. */
  readonly takenBytes: number;
}

export interface RateLimits {
  readonly mostKbps: number;
  readonly leastKbps: number;
}

/** Over so long it is looked whether the queue grows, and how much the network carries, ms. */
const TREND_MS = 750;
const CARRIED_MS = 1500;
/** A queue shorter than this is calm, and one longer than that may be a sign of congestion, ms. */
const CALM_MS = 150;
const LATE_MS = 300;
/** A queue this long has to shrink, ms. */
const VERY_LATE_MS = 1200;
/** What counts as growing and as shrinking, ms each second. */
const GROWING = 150;
const SHRINKING = -300;
/** A socket that has taken nothing for so long is interrupted: that says nothing of the rate that it will have, ms. */
const INTERRUPTED_MS = 700;
/** How much of the rate stays at a step down at most and at least, and how much of what the network carries is used. */
const DOWN_MOST = 0.8;
const DOWN_LEAST = 0.35;
const USED = 0.8;
/** How long a step down gets to show, ms: the encoder changes at a keyframe, and the queue has to be sent. */
const SETTLE_MS = 4000;
/** A step up, which tries whether the network carries more. */
const UP = 1.12;
/** How long the queue has to be calm before a step up, ms, at first and after attempts that have failed. */
const TRY_AFTER_MS = 8000;
const TRY_AFTER_MOST_MS = 120_000;
/** Congestion so soon after a step up is due to it, ms: kernels take what is too much for a while. */
const BLAMED_MS = 30_000;
const STEP_KBPS = 50;

/**
 * Finds the bitrate that one output's network carries: down at once when its queue grows, up slowly while it is calm, and the slower, the more often
 * that has failed. A network that has sent a queue quickly has shown what it carries, and needs no attempts.
 */
export class RateController {
  private samples: RateSample[] = [];
  private allowed: number;
  private changedAtMs = Number.NEGATIVE_INFINITY;
  private calmSinceMs: number | undefined;
  private raisedAtMs: number | undefined;
  /** A bitrate that was too much, and how long it is waited before it is tried again, ms. */
  private failedKbps = Number.POSITIVE_INFINITY;
  private tryAfterMs = TRY_AFTER_MS;
  /** What the network has carried while a queue was sent, kbit/s. */
  private shownKbps = 0;

  constructor(private limits: RateLimits) {
    this.allowed = limits.mostKbps;
  }

  /** kbit/s of video. */
  get allowedKbps(): number {
    return this.allowed;
  }

  /** The streamer has set another bitrate. */
  setLimits(limits: RateLimits): void {
    this.limits = limits;
    this.allowed = limits.mostKbps;
    this.changedAtMs = Number.NEGATIVE_INFINITY;
    this.failedKbps = Number.POSITIVE_INFINITY;
    this.tryAfterMs = TRY_AFTER_MS;
  }

  /**
   * @param encodedKbps what is sent at present, video; less than this output allows where another one carries less
   * @param soundKbps what is sent with it
   * @returns kbit/s of video that the output allows
   */
  take(sample: RateSample, encodedKbps: number, soundKbps: number): number {
    // Another session counts from 0.
    if (sample.takenBytes < (this.samples.at(-1)?.takenBytes ?? 0)) this.samples = [];
    this.samples.push(sample);
    while ((this.samples[1]?.nowMs ?? Number.POSITIVE_INFINITY) <= sample.nowMs - CARRIED_MS)
      this.samples.shift();
    const { nowMs, lateMs } = sample;
    const trend = this.trend(sample);
    this.calmSinceMs = lateMs < CALM_MS ? (this.calmSinceMs ?? nowMs) : undefined;
    if (lateMs >= LATE_MS && trend !== undefined && trend < SHRINKING) {
      this.shownKbps = Math.max(this.shownKbps, this.carriedKbps() - soundKbps);
    }
    if (this.isCongested(sample, trend)) this.lower(sample, Math.min(encodedKbps, this.allowed), soundKbps);
    else if (this.calmSinceMs !== undefined) this.raise(nowMs, this.calmSinceMs, encodedKbps);
    return this.allowed;
  }

  private isCongested({ lateMs, stalledMs }: RateSample, trend: number | undefined): boolean {
    if (lateMs < LATE_MS || trend === undefined || stalledMs >= INTERRUPTED_MS) return false;
    return trend > GROWING || (lateMs >= VERY_LATE_MS && trend > SHRINKING / 3);
  }

  private lower({ nowMs }: RateSample, kbps: number, soundKbps: number): void {
    if (nowMs - this.changedAtMs < SETTLE_MS && this.raisedAtMs !== this.changedAtMs) return;
    if (this.raisedAtMs !== undefined && nowMs - this.raisedAtMs < BLAMED_MS) {
      this.tryAfterMs = Math.min(TRY_AFTER_MOST_MS, 2 * this.tryAfterMs);
      this.failedKbps = kbps;
    }
    const carried = USED * (this.carriedKbps() - soundKbps);
    this.change(Math.max(DOWN_LEAST * kbps, Math.min(DOWN_MOST * kbps, carried)), nowMs);
    this.raisedAtMs = undefined;
    this.shownKbps = 0;
  }

  private raise(nowMs: number, calmSinceMs: number, encodedKbps: number): void {
    if (this.allowed >= this.limits.mostKbps) return;
    const shown = USED * this.shownKbps;
    if (shown > UP * this.allowed) {
      this.shownKbps = 0;
      this.raiseTo(shown, nowMs);
      return;
    }
    // Another output carries less: whether this one would carry more cannot be seen.
    if (encodedKbps < this.allowed) return;
    const next = Math.max(UP * this.allowed, this.allowed + STEP_KBPS);
    const calmMs = nowMs - Math.max(calmSinceMs, this.changedAtMs);
    if (this.allowed >= this.failedKbps && calmMs >= BLAMED_MS) {
      this.failedKbps = Number.POSITIVE_INFINITY;
      this.tryAfterMs = TRY_AFTER_MS;
    }
    const afterMs = next < this.failedKbps ? TRY_AFTER_MS : this.tryAfterMs;
    if (calmMs >= afterMs) this.raiseTo(next, nowMs);
  }

  private raiseTo(kbps: number, nowMs: number): void {
    this.change(kbps, nowMs);
    this.raisedAtMs = nowMs;
  }

  private change(kbps: number, nowMs: number): void {
    const { leastKbps, mostKbps } = this.limits;
    const stepped = kbps >= mostKbps ? mostKbps : Math.floor(kbps / STEP_KBPS) * STEP_KBPS;
    this.allowed = Math.min(mostKbps, Math.max(leastKbps, stepped));
    this.changedAtMs = nowMs;
  }

  /** How the queue grows, ms each second; undefined until that can be said. */
  private trend({ nowMs, lateMs }: RateSample): number | undefined {
    const before = this.samples.findLast((sample) => sample.nowMs <= nowMs - TREND_MS);
    return before === undefined ? undefined : ((lateMs - before.lateMs) * 1000) / (nowMs - before.nowMs);
  }

  /** What the socket takes, kbit/s. */
  private carriedKbps(): number {
    const [first] = this.samples;
    const last = this.samples.at(-1);
    if (first === undefined || last === undefined || last === first) return 0;
    return ((last.takenBytes - first.takenBytes) * 8) / (last.nowMs - first.nowMs);
  }
}
