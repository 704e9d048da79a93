import { inject, injectable } from 'inversify';
import type { Disposable } from 'vscode-jsonrpc/node';
import { DisposableStore } from '../../base/disposable-store.js';
import type { Status } from '../../protocol/status/status.js';
import { StatusChangedNotification } from '../../protocol/status-changes.js';
import type { RpcConnection } from '../../rpc/rpc-connection.js';
import { Show } from '../show/show.js';
import { Notices } from '../streamer/notices.js';

/** How soon a change without an event is detected, ms. */
const LOOK_MS = 100;
/** How many times as long as a look takes there is none, unless something announces a change: with 50 outputs it takes 3 ms. */
const REST = 100;
/** A client with more unread data than this gets its changes later, and combined, bytes. */
const MAX_UNREAD_BYTES = 64 * 1024;

interface Subscriber {
  readonly client: Pick<RpcConnection, 'sendNotification' | 'queuedBytes'>;
  /** The last revision sent to it. */
  revision: number;
  readonly metersIntervalMs: number;
  metersAtMs: number;
}

/** Sends each subscriber the changes of the status. The status is only read while there are subscribers. */
@injectable()
export class StatusFeed implements Disposable {
  private readonly subscribers = new Set<Subscriber>();
  private timer: NodeJS.Timeout | undefined;
  private scheduled: NodeJS.Immediate | undefined;
  private restUntilMs = 0;
  private readonly watching: DisposableStore;

  constructor(
    @inject(Show) private readonly show: Pick<Show, 'status' | 'changesSince' | 'onDidChangeState'>,
    @inject(Notices) notices: Pick<Notices, 'onNotice'>,
  ) {
    // The cause of a notice is also visible in the status.
    this.watching = new DisposableStore([
      show.onDidChangeState(() => this.lookSoon()),
      notices.onNotice(() => this.lookSoon()),
    ]);
  }

  /**
   * @param metersIntervalMs how often the meters are sent; Infinity for never.
   * @returns the status that the first change applies to; disposing ends the subscription.
   */
  subscribe(
    client: Subscriber['client'],
    metersIntervalMs: number,
  ): { readonly status: Status; readonly subscription: Disposable } {
    const status = this.show.status();
    const metersAtMs = performance.now() + metersIntervalMs;
    const subscriber: Subscriber = { client, revision: status.revision, metersIntervalMs, metersAtMs };
    this.subscribers.add(subscriber);
    this.timer ??= setInterval(() => {
      if (performance.now() >= this.restUntilMs) this.look();
    }, LOOK_MS);
    return { status, subscription: { dispose: () => this.remove(subscriber) } };
  }

  private remove(subscriber: Subscriber): void {
    this.subscribers.delete(subscriber);
    if (this.subscribers.size === 0) this.stopLooking();
  }

  /** Once for all changes in this turn. */
  private lookSoon(): void {
    if (this.subscribers.size > 0) this.scheduled ??= setImmediate(() => this.look());
  }

  private look(): void {
    clearImmediate(this.scheduled);
    this.scheduled = undefined;
    const nowMs = performance.now();
    const status = this.show.status();
    for (const subscriber of this.subscribers) this.update(subscriber, status, nowMs);
    const endMs = performance.now();
    this.restUntilMs = endMs + REST * (endMs - nowMs);
  }

  private update(subscriber: Subscriber, status: Status, nowMs: number): void {
    const { client, revision, metersIntervalMs } = subscriber;
    if (client.queuedBytes > MAX_UNREAD_BYTES) return;
    const withMeters = nowMs >= subscriber.metersAtMs;
    const changes = this.show.changesSince(revision, status, withMeters);
    if (changes === undefined || !client.sendNotification(StatusChangedNotification.type, changes)) return;
    subscriber.revision = status.revision;
    if (withMeters) subscriber.metersAtMs = nowMs + metersIntervalMs;
  }

  private stopLooking(): void {
    clearInterval(this.timer);
    clearImmediate(this.scheduled);
    this.timer = undefined;
    this.scheduled = undefined;
  }

  dispose(): void {
    this.watching.dispose();
    this.subscribers.clear();
    this.stopLooking();
  }
}
