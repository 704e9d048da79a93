import type { Disposable } from 'vscode-jsonrpc';
import { Emitter, type Event } from '../../base/event.js';
import { HeartbeatRequest } from '../../protocol/lifecycle.js';
import type { RpcConnection } from '../../rpc/rpc-connection.js';

/** An unanswered heartbeat is not repeated: only one is pending at a time. */
const ANSWER_DEADLINE_MS = 60_000;

/**
 * Sends a part a heartbeat once per interval. Counts intervals rather than time: if the core itself was blocked (a
 * laptop that slept), only one interval has passed, and the answer is read before the next one ends.
 */
export class HeartbeatMonitor implements Disposable {
  private readonly emitter = new Emitter<number>();
  /** Number of consecutive intervals without an answer; fires with each, and with 0 when an answer arrives. */
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

  dispose(): void {
    clearInterval(this.timer);
    this.emitter.dispose();
  }

  private tick(): void {
    const state = this.asked;
    if (state !== 'waiting') void this.ask();
    // The answer may be queued behind messages that the part has sent too fast.
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
      // Not answered in time, or not sent because the part does not read its channel.
      this.asked = 'refused';
    }
  }

  private setMissed(missed: number): void {
    this.missedCount = missed;
    this.emitter.fire(missed);
  }
}
