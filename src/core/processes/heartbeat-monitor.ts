import type { Disposable } from 'vscode-jsonrpc';
import { Emitter, type Event } from '../../base/event.js';
import { HeartbeatRequest } from '../../protocol/lifecycle.js';
import type { RpcConnection } from '../../rpc/rpc-connection.js';

/** An unanswered heartbeat is not repeated on the channel: one is under way at a time. */
const ANSWER_DEADLINE_MS = 60_000;

/**
 * Asks a part for a sign of life once in an interval, and counts in intervals, not in time: when the core itself was
 * held up (a laptop that slept), one interval has passed, and the answer is read before the next one has.
 */
export class HeartbeatMonitor implements Disposable {
  private readonly emitter = new Emitter<number>();
  /** How many intervals in a row have passed without an answer; fires with each, and with 0 when one comes. */
  readonly onDidChangeMissed: Event<number> = this.emitter.event;
  private readonly timer: NodeJS.Timeout;
  private missedCount = 0;
  private asked: 'answered' | 'waiting' | 'refused' = 'answered';

  constructor(
    private readonly connection: Pick<RpcConnection, 'sendRequest' | 'slowedAtMs'>,
    private readonly intervalMs: number,
  ) {
    this.timer = setInterval(() => this.tick(), intervalMs);
  }

  get missed(): number {
    return this.missedCount;
  }

  dispose(): void {
    clearInterval(this.timer);
    this.emitter.dispose();
  }

  private tick(): void {
    const state = this.asked;
    if (state !== 'waiting') void this.ask();
    // The answer may wait behind what the part has sent too fast.
    const wasSlowed = performance.now() - this.connection.slowedAtMs <= this.intervalMs;
    if (state !== 'answered' && !wasSlowed) this.setMissed(this.missedCount + 1);
  }

  private async ask(): Promise<void> {
    this.asked = 'waiting';
    try {
      await this.connection.sendRequest(HeartbeatRequest.type, {}, { deadlineMs: ANSWER_DEADLINE_MS });
      this.asked = 'answered';
      if (this.missedCount > 0) this.setMissed(0);
    } catch {
      // Not answered in time, or not even taken by a channel that nobody reads.
      this.asked = 'refused';
    }
  }

  private setMissed(missed: number): void {
    this.missedCount = missed;
    this.emitter.fire(missed);
  }
}
