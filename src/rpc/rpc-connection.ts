import type { Duplex } from 'node:stream';
import type { CancellationToken, Disposable, Event, NotificationType, RequestType } from 'vscode-jsonrpc';

// STUB: the interface is settled; the implementation is being written.

export interface RpcConnectionOptions {
  /** Names the peer in errors and logs, e.g. `encoder`. */
  readonly peer: string;
  /** Deadline of a request that names none, ms. */
  readonly deadlineMs?: number;
  /** Largest message taken from the peer, bytes. */
  readonly maxMessageBytes?: number;
  /** Most requests waiting for an answer, in each direction. */
  readonly maxInFlight?: number;
  /** Most bytes waiting to be written before sends are refused with `rpc.busy`. */
  readonly maxQueuedBytes?: number;
}

export interface CallOptions {
  readonly deadlineMs?: number;
  readonly token?: CancellationToken;
}

/** Why a connection closed; `error` is set for anything but an orderly end. */
export interface CloseReason {
  readonly error?: Error;
}

/** The one wrapper over a vscode-jsonrpc `MessageConnection`; nobody else touches one. */
export declare class RpcConnection implements Disposable {
  constructor(stream: Duplex, options: RpcConnectionOptions);
  /** Fires once. Pending requests have been rejected with `rpc.closed` by then. */
  readonly onDidClose: Event<CloseReason>;
  readonly closed: boolean;
  onRequest<P, R, E>(
    type: RequestType<P, R, E>,
    handler: (params: P, token: CancellationToken) => R | Promise<R>,
  ): Disposable;
  onNotification<P>(type: NotificationType<P>, handler: (params: P) => void): Disposable;
  /** Rejects with a BulkheadError: the peer's own, or `rpc.closed`, `rpc.timeout`, `rpc.busy`, `rpc.tooLarge`. */
  sendRequest<P, R, E>(type: RequestType<P, R, E>, params: P, options?: CallOptions): Promise<R>;
  /** Never throws; false when the message was dropped since the connection is closed or its queue is full. */
  sendNotification<P>(type: NotificationType<P>, params: P): boolean;
  /** Begins to read. Register handlers first. */
  listen(): void;
  dispose(): void;
}
