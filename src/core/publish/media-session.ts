import type { Disposable } from 'vscode-jsonrpc';
import type { StreamTagKind } from '../../media/stream-tag.js';
import type { BulkheadError } from '../../protocol/errors.js';

export interface MediaSessionHooks {
  /** What was sent has just been handed to the socket. */
  onFlush(): void;
  /** The socket has taken all that was sent. */
  onDrain(): void;
}

/** A server's wish to be left: at the next keyframe, for `tcUrl` if it names one. */
export interface ReconnectRequest {
  readonly tcUrl: string | undefined;
  /** `performance.now()` */
  readonly atMs: number;
}

/** Says in plain words why a session that has been accepted has to end. */
export interface SessionErrors {
  /** The server takes no more data. */
  stalled(seconds: number): BulkheadError;
  /** The server accepted the stream and closed the connection before it was up. */
  closedAtOnce(): BulkheadError;
}

/** How far the socket is with what it was given. */
export interface SendProgress {
  /** Whether the socket has not yet taken what was sent: better to let more wait. */
  readonly busy: boolean;
  /** Bytes that the socket has taken. */
  readonly bytesTaken: number;
  /** How long the socket has taken nothing though there was something to take, ms. */
  stalledMs(now: number): number;
}

/** One accepted publish on one connection, whatever the protocol. */
export interface MediaSession extends Disposable {
  /** Why the session ended, once it has; after `goodbye` and `dispose` it means nothing. Never rejects. */
  readonly ended: Promise<BulkheadError>;
  /** Set once the server has asked to connect anew. */
  readonly reconnectRequest: ReconnectRequest | undefined;
  /** Set by whoever sends. */
  hooks: MediaSessionHooks | undefined;
  readonly progress: SendProgress;
  /** Whether the server has acknowledged any data. */
  readonly acknowledged: boolean;
  /** How long the server, known to acknowledge, has not, ms; 0 when it owes nothing. */
  silentMs(now: number): number;
  /** Sends a tag with this timestamp, ms; it leaves at the end of this turn of the event loop, if the socket is free. */
  send(kind: StreamTagKind, timestamp: number, payload: Buffer): void;
  /** Ends the session with a reason of ours. */
  fail(reason: BulkheadError): void;
  /** Tells the server that the stream is over, and closes; at the latest after `deadlineMs`. */
  goodbye(deadlineMs: number): Promise<void>;
  /** Closes when all is written and the server has seen it, at the latest after `deadlineMs`. */
  close(deadlineMs: number): Promise<void>;
}
