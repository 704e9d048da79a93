import type { Disposable } from 'vscode-jsonrpc';

/** The callback is at most two ticks late. */
const TICKS_PER_WAIT = 12;
const MIN_TICK_MS = 10;
const MAX_TICK_MS = 250;
/** A tick this late, ms, means that this process was stopped, not only that the computer is busy. */
const STALL_MS = 500;

/**
 * Calls back once after `afterMs` without `touch`, which restarts the wait.
 *
 * Time in which this process itself was stopped (SIGSTOP, a laptop's sleep, a long callback) does not count as silence,
 * and the other side, which may have been stopped as well, gets half of the wait to deliver again. Before the callback,
 * the event loop gets one more turn to read data that may already be in a pipe.
 */
export class SilenceTimer implements Disposable {
  private readonly tickMs: number;
  private readonly timer: NodeJS.Timeout;
  private confirmation: NodeJS.Immediate | undefined;
  private tickedAtMs: number;
  private heard = false;
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
    this.heard = true;
    this.fired = false;
  }

  private tick(): void {
    const nowMs = this.now();
    const elapsedMs = nowMs - this.tickedAtMs;
    this.tickedAtMs = nowMs;
    if (this.heard) this.silentMs = 0;
    else if (elapsedMs > this.tickMs + STALL_MS) this.silentMs = Math.min(this.silentMs, this.afterMs / 2);
    else this.silentMs += elapsedMs;
    this.heard = false;
    if (!this.isDue || this.confirmation !== undefined) return;
    this.confirmation = setImmediate(() => {
      this.confirmation = undefined;
      if (!this.isDue) return;
      this.fired = true;
      this.onSilence();
    });
  }

  private get isDue(): boolean {
    return !this.heard && !this.fired && this.silentMs >= this.afterMs;
  }

  dispose(): void {
    clearInterval(this.timer);
    clearImmediate(this.confirmation);
  }
}
