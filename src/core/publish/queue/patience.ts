/** How long the socket has to take nothing for that to be an interruption rather than a slow network, ms. */
const INTERRUPTED_MS = 700;
/** The same while an interruption before has not been caught up on: a full socket of a slow network takes nothing for a moment again and again. */
const INTERRUPTED_AGAIN_MS = 1500;
/** How much of itself patience loses each second in which something is taken: what is not caught up on by then never will be. */
const PAID_BACK = 0.25;
/** Less than this is what is always under way, ms. */
const CAUGHT_UP_MS = 500;

/**
 * How much later than usual frames may be before they are dropped. A network that carries less than is sent never makes up for what is late, so
 * frames are dropped soon. One that is interrupted carries everything when it is back: an interruption extends the patience by its own length, and
 * catching up shortens it again, and so does time: a slow network that stops for a moment may not stay late.
 */
export class Patience {
  private extraMs = 0;
  /** `extraMs` when the current interruption began. */
  private before = 0;
  private nowMs = 0;

  /** @param mostMs the longest that can be asked for, ms */
  constructor(private readonly mostMs: number) {}

  /**
   * @param queue says how far the server is behind, also by what is under way, ms; only asked while something is caught up on
   * @param stalledMs how long the socket has taken nothing although something waits, ms
   * @returns how much later than usual frames may be now, ms
   */
  take(queue: { readonly behindMs: number }, stalledMs: number, nowMs = performance.now()): number {
    const passedMs = nowMs - this.nowMs;
    this.nowMs = nowMs;
    if (stalledMs >= (this.before > 0 ? INTERRUPTED_AGAIN_MS : INTERRUPTED_MS)) {
      this.extraMs = Math.min(this.mostMs, this.before + stalledMs);
    } else {
      if (this.extraMs > 0) this.extraMs = this.leftMs(queue.behindMs, passedMs);
      this.before = this.extraMs;
    }
    return this.extraMs;
  }

  private leftMs(behindMs: number, passedMs: number): number {
    if (behindMs <= CAUGHT_UP_MS) return 0;
    return Math.min(Math.max(0, this.extraMs - PAID_BACK * passedMs), behindMs);
  }

  /** Without a session nothing can be sent at all: what waits is kept as long as it may. */
  interrupt(nowMs = performance.now()): number {
    this.nowMs = nowMs;
    this.extraMs = this.mostMs;
    this.before = this.mostMs;
    return this.mostMs;
  }
}
