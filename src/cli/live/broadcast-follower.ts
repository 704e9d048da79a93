import type { Disposable } from 'vscode-jsonrpc/node';
import { DisposableStore } from '../../base/disposable-store.js';
import type { ControlClient } from '../../control-client/control-client.js';
import type { ErrorData } from '../../protocol/errors.js';
import type { BroadcastState, Status } from '../../protocol/status/status.js';
import type { BroadcastView } from './broadcast-view.js';

/** How often the display is updated while nothing changes, ms. */
export const STATUS_INTERVAL_MS = 1000;

/** How a broadcast ended as seen over one connection. */
export type BroadcastEnd =
  | { readonly kind: 'ended'; readonly error: ErrorData | undefined; readonly wasLive: boolean }
  | { readonly kind: 'disconnected' };

/** Shows a broadcast as reported on one connection, and detects its end. */
export class BroadcastFollower implements Disposable {
  readonly ended: Promise<BroadcastEnd>;
  /** The last status shown; undefined before {@link follow}. */
  lastStatus: Status | undefined;
  /** Status received before {@link follow}, when an idle core does not count as an end. */
  private early: Status | undefined;
  private wasLive = false;
  private readonly subscriptions = new DisposableStore();
  private end: (end: BroadcastEnd) => void = () => {};

  /** @param onDidChangeState Called with each state that differs from the previous one. */
  constructor(
    client: ControlClient,
    private readonly view: BroadcastView,
    private readonly onDidChangeState: (state: BroadcastState) => void = () => {},
  ) {
    this.ended = new Promise((resolve) => {
      this.end = resolve;
    });
    this.subscriptions.add(client.onDidReceiveNotice((notice) => view.showNotice(notice)));
    this.subscriptions.add(client.onDidClose(() => this.end({ kind: 'disconnected' })));
    this.subscriptions.add(
      client.onDidChangeStatus((status) => {
        if (status.state === 'live') this.wasLive = true;
        if (this.lastStatus === undefined) this.early = status;
        else this.show(status);
      }),
    );
  }

  /** From this status of a started broadcast on, `idle` is the end. */
  follow(status: Status): void {
    const { early } = this;
    this.show(status);
    // The broadcast changed before the answer to its start arrived.
    if (early !== undefined && early.revision > status.revision) this.show(early);
  }

  private show(status: Status): void {
    const changed = status.state !== this.lastStatus?.state;
    this.lastStatus = status;
    if (status.state === 'live') this.wasLive = true;
    this.view.showStatus(status);
    if (changed) this.onDidChangeState(status.state);
    if (status.state === 'idle') this.end({ kind: 'ended', error: status.error, wasLive: this.wasLive });
  }

  dispose(): void {
    this.subscriptions.dispose();
  }
}
