import type { Disposable } from 'vscode-jsonrpc';

const TICKS_PER_WAIT = 10;
const MIN_TICK_MS = 10;
const MAX_TICK_MS = 150;
/** How much of a tick that came late counts, in ticks. */
const MAX_TICKS_COUNTED = 1.5;

/**
 * Calls back once when nothing has been heard for `afterMs`; `touch` begins the wait anew.
 *
 * Time in which this process itself stood still (a long callback, SIGSTOP, a laptop's sleep) does not count as silence,
 * and before it calls back, the event loop gets one more turn to read what may already wait in a pipe.
 */
export class SilenceTimer implements Disposable {
  private readonly tickMs: number;
  private readonly timer: NodeJS.Timeout;
  private confirmation: NodeJS.Immediate | undefined;
  private tickedAtMs: number;
  private silentMs = 0;
  private fired = false;

  constructor(
    private readonly afterMs: number,
    private readonly onSilence: () => void,
    private readonly now: () => number = () => performance.now(),
  ) {
    this.tickMs = Math.min(MAX_TICK_MS, Math.max(MIN_TICK_MS, afterMs / TICKS_PER_WAIT));
    this.tickedAtMs = now();
    this.timer = setInterval(() => this.tick(), this.tickMs);
  }

  touch(): void {
    this.silentMs = 0;
    this.fired = false;
  }

  private tick(): void {
    const nowMs = this.now();
    this.silentMs += Math.min(nowMs - this.tickedAtMs, this.tickMs * MAX_TICKS_COUNTED);
    this.tickedAtMs = nowMs;
    if (!this.isDue || this.confirmation !== undefined) return;
    this.confirmation = setImmediate(() => {
      this.confirmation = undefined;
      if (!this.isDue) return;
      this.fired = true;
      this.onSilence();
    });
  }

  private get isDue(): boolean {
    return !this.fired && this.silentMs >= this.afterMs;
  }

  dispose(): void {
    clearInterval(this.timer);
    clearImmediate(this.confirmation);
  }
}
