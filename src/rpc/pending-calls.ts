import type { CancellationSenderStrategy, MessageConnection, RequestMessage } from 'vscode-jsonrpc/node';

export const CANCEL_METHOD = '$/cancelRequest';

type CallId = number | string;

interface Renewal {
  readonly deadlineMs: number;
  readonly sinceMs: () => number;
}

/**
 * The unanswered calls of one connection, and their deadlines. vscode-jsonrpc notifies its cancellation strategy when
 * a call begins and ends. One timer serves all calls, also those that follow one another: a timer or a promise per call is
 * measurable at 100,000 calls a second.
 */
export class PendingCalls implements CancellationSenderStrategy {
  /** By `performance.now()`, ms. */
  private readonly expiryMs = new Map<CallId, number>();
  /** Of calls whose deadline may begin to run anew. */
  private readonly renewals = new Map<CallId, Renewal>();
  private nextRenewal: Renewal | undefined;
  private nextExpiryMs = Number.POSITIVE_INFINITY;
  private timer: NodeJS.Timeout | undefined;
  private timerMs = Number.POSITIVE_INFINITY;

  /** `expire` is called with the id of a call whose deadline has passed, and must end it. */
  constructor(private readonly expire: (id: CallId) => void) {}

  get size(): number {
    return this.expiryMs.size;
  }

  has(id: CallId): boolean {
    return this.expiryMs.has(id);
  }

  /**
   * Sets the deadline of the next call.
   *
   * @param sinceMs from when on it runs, by `performance.now()`; asked when it has passed since the call began
   */
  setDeadline(deadlineMs: number, sinceMs?: () => number): void {
    this.nextRenewal = sinceMs && { deadlineMs, sinceMs };
    this.nextExpiryMs = Math.ceil(performance.now() + deadlineMs);
  }

  /** Called by the library when a call begins. */
  enableCancellation({ id }: RequestMessage): void {
    if (id === null) return;
    this.expiryMs.set(id, this.nextExpiryMs);
    if (this.nextRenewal !== undefined) this.renewals.set(id, this.nextRenewal);
    if (this.nextExpiryMs < this.timerMs) this.setTimer(this.nextExpiryMs);
  }

  sendCancellation(connection: MessageConnection, id: CallId): Promise<void> {
    return connection.sendNotification(CANCEL_METHOD, { id });
  }

  /** Called by the library when a call ends, successfully or not. */
  cleanup(id: CallId): void {
    this.expiryMs.delete(id);
    this.renewals.delete(id);
    // The next call is likely to need it.
    if (this.expiryMs.size === 0) this.timer?.unref();
  }

  /** No more calls will be made. */
  dispose(): void {
    this.clearTimer();
  }

  /**
   * An answer that arrived while this process was blocked is read first: timers run before reads, immediates after.
   */
  private readonly onTimer = (): void => {
    setImmediate(this.expireDue);
  };

  private readonly expireDue = (): void => {
    this.clearTimer();
    const nowMs = performance.now();
    let nextMs = Number.POSITIVE_INFINITY;
    for (const [id, expiryMs] of this.expiryMs) {
      const dueMs = expiryMs <= nowMs ? this.renewed(id) : expiryMs;
      if (dueMs <= nowMs) this.expire(id);
      else nextMs = Math.min(nextMs, dueMs);
    }
    if (nextMs < this.timerMs) this.setTimer(nextMs);
  };

  /** When a call expires whose deadline has passed; 0 if it may not take longer. */
  private renewed(id: CallId): number {
    const renewal = this.renewals.get(id);
    if (renewal === undefined) return 0;
    const expiryMs = Math.ceil(renewal.sinceMs() + renewal.deadlineMs);
    this.expiryMs.set(id, expiryMs);
    return expiryMs;
  }

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
