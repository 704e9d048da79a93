import type { Disposable } from 'vscode-jsonrpc';
import { DisposableStore } from '../base/disposable-store.js';
import { Emitter, type Event } from '../base/event.js';
import type { Status } from '../protocol/status/status.js';
import type { ControlClient } from './control-client.js';

/** What it needs of a connection to a core. */
export type StatusConnection = Pick<
  ControlClient,
  'subscribe' | 'onDidChangeStatus' | 'onDidFallBehind' | 'onDidClose'
>;

/**
 * A core's status for as long as it is shown. It outlives its connection: after a loss it keeps what it knew, marked as
 * stale, until it follows the next one.
 */
export class FollowedStatus implements Disposable {
  private current: Status | undefined;
  private stale = true;
  private readonly watching = new DisposableStore();
  private readonly changeEmitter = new Emitter<Status>();
  private readonly staleEmitter = new Emitter<void>();
  /** Fires for each snapshot and each change, meters included. */
  readonly onDidChange: Event<Status> = this.changeEmitter.event;
  /** The status is not kept up to date any more: the connection was lost, or changes were missed. */
  readonly onDidBecomeStale: Event<void> = this.staleEmitter.event;

  /** @param metersIntervalMs as for {@link ControlClient.subscribe} */
  constructor(private readonly metersIntervalMs?: number) {}

  /** Undefined before the first snapshot. Check {@link isStale} before showing it as current. */
  get status(): Status | undefined {
    return this.current;
  }

  get isStale(): boolean {
    return this.stale;
  }

  /** Follows this connection instead of the one before. Rejects as {@link ControlClient.subscribe} does. */
  async follow(connection: StatusConnection): Promise<Status> {
    this.becomeStale();
    this.watching.clear();
    let isCurrent = true;
    this.watching.add({
      dispose: () => {
        isCurrent = false;
      },
    });
    this.watching.add(connection.onDidChangeStatus((status) => this.take(status)));
    this.watching.add(connection.onDidFallBehind(() => this.becomeStale()));
    this.watching.add(connection.onDidClose(() => this.becomeStale()));
    const status = await connection.subscribe(this.metersIntervalMs);
    if (isCurrent) this.take(status);
    return status;
  }

  private take(status: Status): void {
    this.current = status;
    this.stale = false;
    this.changeEmitter.fire(status);
  }

  private becomeStale(): void {
    if (this.stale) return;
    this.stale = true;
    this.staleEmitter.fire();
  }

  /** Leaves the connection open. */
  dispose(): void {
    this.watching.dispose();
    this.changeEmitter.dispose();
    this.staleEmitter.dispose();
  }
}
