import type { Reduction } from './encoding.js';

/** What was measured since the last time. */
export interface PaceSample {
  /** Slots that were due. */
  readonly slots: number;
  /** Slots of them that were left out. */
  readonly skipped: number;
  /** Share of the time in which the encoder had something to encode, 0 to 1; undefined if that says nothing, as with lookahead. */
  readonly load: number | undefined;
}

export interface PaceStep {
  readonly direction: 'down' | 'up';
  readonly reduction: Reduction;
}

/** From this share of slots on, leaving them out counts as slow. */
const SLOW_SHARE = 0.05;
/** The same for two steps at once. */
const VERY_SLOW_SHARE = 0.3;
/** How long it has to be slow for a step down, ms. */
const DOWN_AFTER_MS = 3000;
/** This much time without a slow moment, ms, and it is not slow any more. */
const RECOVERED_MS = 2000;
/** After a step nothing counts for this long, ms: the encoder begins, and catches up. */
const SETTLE_MS = 4000;
/** How long there has to be headroom for a step up, ms. */
const UP_AFTER_MS = 30_000;
/** The same where a step up turned out to be too much, at most. */
const MOST_UP_AFTER_MS = 480_000;
/** A step up has been too much if it is slow again within this time, ms. */
const RELAPSE_MS = 60_000;
/** Most load for a step up, which costs up to twice as much. */
const HEADROOM_LOAD = 0.4;
/** How much longer it waits for a step up if there is no load to go by. */
const BLIND_FACTOR = 2;

/**
 * How much is encoded on a machine that is too slow: it steps down while slots are being left out, to faster presets and then to half the
 * frame rate, and up again where there is headroom. A step up that was too much makes it wait longer for the next one.
 */
export class PaceLadder {
  private level = 0;
  /** Before the last step. */
  private levelBefore = 0;
  private slowMs = 0;
  private wellMs = 0;
  private headroomMs = 0;
  private lastMs: number;
  private settledAtMs: number;
  private lastUpMs = Number.NEGATIVE_INFINITY;
  private upAfterMs = UP_AFTER_MS;
  private readonly levels: readonly Reduction[];
  private readonly now: () => number;
  private exhausted = false;

  /**
   * @param presets faster ones than what is set, the fastest last
   * @param now ms
   */
  constructor(presets: readonly string[], now: () => number = () => performance.now()) {
    const fastest = presets.at(-1);
    this.levels = [
      { stride: 1 },
      ...presets.map((preset) => ({ preset, stride: 1 }) as const),
      { ...(fastest === undefined ? {} : { preset: fastest }), stride: 2 },
    ];
    this.now = now;
    this.lastMs = now();
    this.settledAtMs = this.lastMs + SETTLE_MS;
  }

  /** Whether it cannot step down any more, and that would be needed. */
  get isExhausted(): boolean {
    return this.exhausted;
  }

  /** @returns the step that is due; if it cannot be made, {@link undo} has to be called */
  take(sample: PaceSample): PaceStep | undefined {
    const nowMs = this.now();
    const elapsedMs = nowMs - this.lastMs;
    this.lastMs = nowMs;
    if (nowMs < this.settledAtMs || sample.slots <= 0) return undefined;
    const share = sample.skipped / sample.slots;
    this.measure(share, sample.load, elapsedMs);
    if (this.slowMs >= DOWN_AFTER_MS) return this.down(share >= VERY_SLOW_SHARE ? 2 : 1);
    const waitMs = sample.load === undefined ? this.upAfterMs * BLIND_FACTOR : this.upAfterMs;
    return this.headroomMs >= waitMs ? this.up() : undefined;
  }

  /** The last step could not be made. */
  undo(): void {
    this.move(this.levelBefore);
  }

  private measure(share: number, load: number | undefined, elapsedMs: number): void {
    if (share >= SLOW_SHARE) {
      this.slowMs += elapsedMs;
      this.wellMs = 0;
      this.headroomMs = 0;
      return;
    }
    this.wellMs += elapsedMs;
    if (this.wellMs >= RECOVERED_MS) {
      this.slowMs = 0;
      this.exhausted = false;
    }
    if (share === 0 && (load ?? 0) <= HEADROOM_LOAD) this.headroomMs += elapsedMs;
    else this.headroomMs = 0;
  }

  private down(steps: number): PaceStep | undefined {
    const level = Math.min(this.levels.length - 1, this.level + steps);
    if (level === this.level) {
      this.exhausted = true;
      this.slowMs = 0;
      return undefined;
    }
    const isRelapse = this.now() - this.lastUpMs < RELAPSE_MS;
    this.upAfterMs = isRelapse ? Math.min(MOST_UP_AFTER_MS, this.upAfterMs * 2) : UP_AFTER_MS;
    return { direction: 'down', reduction: this.move(level) };
  }

  private up(): PaceStep | undefined {
    this.headroomMs = 0;
    if (this.level === 0) return undefined;
    this.lastUpMs = this.now();
    return { direction: 'up', reduction: this.move(this.level - 1) };
  }

  private move(level: number): Reduction {
    this.levelBefore = this.level;
    this.level = level;
    this.slowMs = 0;
    this.wellMs = 0;
    this.headroomMs = 0;
    this.exhausted = false;
    this.settledAtMs = this.now() + SETTLE_MS;
    return this.levels[this.level] ?? { stride: 1 };
  }
}
