/** How long an outage has lasted decides how long to wait before the next try. */
const SHARE_OF_OUTAGE = 0.2;
const FIRST_DELAY_MS = 100;
const MAX_DELAY_MS = 15_000;
/** A server may hold a key for 150 s after a connection that it lost without noticing: be there when it lets go. */
const MAX_KEY_IN_USE_DELAY_MS = 5_000;
const JITTER = 0.2;

/**
 * Times the tries to reconnect: the first at once, then after a fifth of the time that the outage has lasted, so that
 * the target is on air again soon after a short outage and is left in peace during a long one. A session that lasts only
 * a moment does not end the outage: some servers accept a publish and close at once.
 */
export class Backoff {
  private outageSinceMs: number | undefined;
  private tried = false;

  constructor(private readonly random: () => number = Math.random) {}

  /** The session has been up long enough to call the outage over. */
  sustained(): void {
    this.outageSinceMs = undefined;
    this.tried = false;
  }

  /** Time to wait before the next try, ms. */
  nextDelayMs(nowMs: number, keyInUse = false): number {
    this.outageSinceMs ??= nowMs;
    if (!this.tried) {
      this.tried = true;
      return 0;
    }
    const max = keyInUse ? MAX_KEY_IN_USE_DELAY_MS : MAX_DELAY_MS;
    const outageMs = nowMs - this.outageSinceMs;
    const delay = Math.min(max, Math.max(FIRST_DELAY_MS, outageMs * SHARE_OF_OUTAGE));
    return Math.round(delay * (1 - JITTER * this.random()));
  }
}
