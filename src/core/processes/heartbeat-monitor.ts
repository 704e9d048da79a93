import type { Disposable } from 'vscode-jsonrpc';
import { Emitter, type Event } from '../../base/event.js';
import { HeartbeatRequest } from '../../protocol/lifecycle.js';
import type { RpcConnection } from '../../rpc/rpc-connection.js';

/** An unanswered heartbeat is not repeated: only one is pending at a time. */
const ANSWER_DEADLINE_MS = 60_000;

export interface HeartbeatOptions {
  readonly intervalMs: number;
  /** Whether the part has waited for the processor for most of the interval that ends: then its answer is only late. */
  readonly wasStarved?: () => boolean;
  /** As many consecutive intervals are excused for that: it may hang as well. */
  readonly mostExcused?: number;
}

/**
 * Sends a part a heartbeat once per interval. Counts intervals rather than time: if the core itself was blocked (a
 * laptop that slept), only one interval has passed, and the answer is read before the next one ends.
 */
export class HeartbeatMonitor implements Disposable {
  private readonly emitter = new Emitter<number>();
  /** Number of consecutive intervals without an answer; fires with each, and with 0 when an answer arrives. */
  readonly onDidChangeMissed: Event<number> = this.emitter.event;
  private readonly timer: NodeJS.Timeout;
  private excusedCount = 0;
  private missedCount = 0;
  private asked: 'answered' | 'waiting' | 'refused' = 'answered';

  constructor(
    private readonly connection: Pick<RpcConnection, 'sendRequest' | 'slowedAtMs'>,
    private readonly options: HeartbeatOptions,
  ) {
    this.timer = setInterval(() => this.tick(), options.intervalMs);
  }

  dispose(): void {
    clearInterval(this.timer);
    this.emitter.dispose();
  }

  private tick(): void {
    const { intervalMs, wasStarved = () => false, mostExcused = 0 } = this.options;
    const isStarved = wasStarved();
    const state = this.asked;
    if (state !== 'waiting') void this.ask();
    // The answer may be queued behind messages that the part has sent too fast.
    const wasSlowed = performance.now() - this.connection.slowedAtMs <= intervalMs;
    if (state === 'answered' || wasSlowed) return;
    if (isStarved && this.excusedCount < mostExcused) this.excusedCount++;
    else this.setMissed(this.missedCount + 1);
  }

  private async ask(): Promise<void> {
    this.asked = 'waiting';
    try {
      await this.connection.sendRequest(HeartbeatRequest.type, {}, { deadlineMs: ANSWER_DEADLINE_MS });
      this.asked = 'answered';
      this.excusedCount = 0;
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
