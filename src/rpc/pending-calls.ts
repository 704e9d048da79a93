import type { CancellationSenderStrategy, MessageConnection, RequestMessage } from 'vscode-jsonrpc/node';

export const CANCEL_METHOD = '$/cancelRequest';

type CallId = number | string;

/**
 * The calls of one connection that have not been answered, and their deadlines. vscode-jsonrpc tells its cancellation
 * strategy when a call begins and when it ends. One timer serves all calls: a timer, or a promise, for each shows at
 * 100,000 calls a second.
 */
export class PendingCalls implements CancellationSenderStrategy {
  /** On the clock of `performance.now()`, ms. */
  private readonly expiryMs = new Map<CallId, number>();
  private nextExpiryMs = Number.POSITIVE_INFINITY;
  private timer: NodeJS.Timeout | undefined;
  private timerMs = Number.POSITIVE_INFINITY;

  /** `expire` is called with the id of a call that is out of time, and ends it. */
  constructor(private readonly expire: (id: CallId) => void) {}

  get size(): number {
    return this.expiryMs.size;
  }

  has(id: CallId): boolean {
    return this.expiryMs.has(id);
  }

  /** Sets the deadline of the call that is made next. */
  setDeadline(deadlineMs: number): void {
    this.nextExpiryMs = Math.ceil(performance.now() + deadlineMs);
  }

  /** The library's word for the begin of a call. */
  enableCancellation({ id }: RequestMessage): void {
    if (id === null) return;
    this.expiryMs.set(id, this.nextExpiryMs);
    if (this.nextExpiryMs < this.timerMs) this.setTimer(this.nextExpiryMs);
  }

  sendCancellation(connection: MessageConnection, id: CallId): Promise<void> {
    return connection.sendNotification(CANCEL_METHOD, { id });
  }

  /** The library's word for the end of a call, whatever way it ended. */
  cleanup(id: CallId): void {
    this.expiryMs.delete(id);
    if (this.expiryMs.size === 0) this.clearTimer();
  }

  /** An answer that came while this process stood still is read first: timers run before reads, immediates after. */
  private readonly onTimer = (): void => {
    setImmediate(this.expireDue);
  };

  private readonly expireDue = (): void => {
    this.clearTimer();
    const nowMs = performance.now();
    let nextMs = Number.POSITIVE_INFINITY;
    for (const [id, expiryMs] of this.expiryMs) {
      if (expiryMs <= nowMs) this.expire(id);
      else nextMs = Math.min(nextMs, expiryMs);
    }
    if (nextMs < this.timerMs) this.setTimer(nextMs);
  };

  private setTimer(atMs: number): void {
    this.clearTimer();
    this.timerMs = atMs;
    this.timer = setTimeout(this.onTimer, Math.max(0, atMs - performance.now()));
  }

  private clearTimer(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.timerMs = Number.POSITIVE_INFINITY;
  }
}
