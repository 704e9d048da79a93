import type { Disposable } from 'vscode-jsonrpc';
import type { StreamTagKind } from '../../media/stream-tag.js';
import type { BulkheadError } from '../../protocol/errors.js';

export interface MediaSessionHooks {
  /** Sent data has just been passed to the socket. */
  onFlush(): void;
  /** Further data can be sent. */
  onDrain(): void;
}

/** A server's request to reconnect at the next keyframe, to `tcUrl` if it is given. */
export interface ReconnectRequest {
  readonly tcUrl: string | undefined;
  /** `performance.now()` */
  readonly atMs: number;
}

/** Errors that explain why an accepted session has to end. */
export interface SessionErrors {
  /** The server accepts no more data. */
  stalled(seconds: number): BulkheadError;
  /** The server accepted the stream and closed the connection immediately afterwards. */
  closedAtOnce(): BulkheadError;
}

/** Another server that the stream can go to; absent where there is none. */
export interface SessionAlternative {
  /** Whether the other server answers: then the network works. Never rejects. */
  askOther?(): Promise<boolean>;
  /** Whether the stream has to move to the other server now. Called often. */
  movesOn?(): boolean;
}

/** How the sent data goes on. */
export interface SendProgress {
  /** Whether further data should wait, for the socket or for the server. */
  readonly busy: boolean;
  /** Bytes accepted by the socket. */
  readonly bytesTaken: number;
  /** All bytes of the session so far, also those that wait for the socket. */
  readonly bytesWritten: number;
}

/** One accepted publish on one connection, for any protocol. */
export interface MediaSession extends Disposable {
  /**
   * Resolves with the reason when the session has ended; to be ignored after `endStream` and `dispose`. Never rejects.
   */
  readonly ended: Promise<BulkheadError>;
  /** Set once the server has requested a reconnect. */
  readonly reconnectRequest: ReconnectRequest | undefined;
  /** Set by the sender. */
  hooks: MediaSessionHooks | undefined;
  readonly progress: SendProgress;
  /** Whether the server has acknowledged any data. */
  readonly acknowledged: boolean;
  /**
   * How long the server has taken nothing while data was pending, ms. A full socket of a slow network takes nothing for a second and more; where the
   * server acknowledges, that says that it goes on.
   */
  stalledMs(now: number): number;
  /** Bytes that the server has, by its acknowledgements; undefined where these do not tell. */
  readonly receivedBytes: number | undefined;
  /** The time of the first sound that the receiver does not have, ms; undefined where that is the first after those bytes. */
  readonly receivedSoundMs?: number | undefined;
  /** How long the server takes to acknowledge, ms; undefined where that is not known. */
  readonly ackDelayMs?: number | undefined;
  /** How long an acknowledgement of the server is overdue, ms; 0 if none is expected. */
  silentMs(now: number): number;
  /** Sends a tag with this timestamp, ms; written at the end of this turn of the event loop, if the socket is free. */
  send(kind: StreamTagKind, timestamp: number, payload: Buffer): void;
  /** Whether the server answers a new connection. Never rejects. Absent where that cannot be asked. */
  askServer?(): Promise<boolean>;
  /** Ends the session with the given reason, and has the server know at once, rather than after what was sent before. */
  fail(reason: BulkheadError): void;
  /** Ends the stream at the server, and closes; after `deadlineMs` at the latest. */
  endStream(deadlineMs: number): Promise<void>;
  /** Closes when all data has been written and the server has read it, after `deadlineMs` at the latest. */
  close(deadlineMs: number): Promise<void>;
}
