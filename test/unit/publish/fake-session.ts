import type {
  MediaSession,
  MediaSessionHooks,
  ReconnectRequest,
  SendProgress,
} from '../../../src/core/publish/media-session.js';
import type { StreamTagKind } from '../../../src/media/stream-tag.js';
import { BulkheadError, ErrorCodes } from '../../../src/protocol/errors.js';

/** A session without a connection: what was sent by it, and a server that the test plays. */
export class FakeSession implements MediaSession, SendProgress {
  readonly ended: Promise<BulkheadError>;
  reconnectRequest: ReconnectRequest | undefined;
  hooks: MediaSessionHooks | undefined;
  bytesTaken = 0;
  acknowledged = false;
  stalled = 0;
  silent = 0;
  receivedBytes: number | undefined;
  /** Whether its server answers a new connection. */
  answers = true;
  /** How many tags the socket takes before it is busy, until `drain`. */
  room = Number.POSITIVE_INFINITY;
  /** `kind timestamp` of each tag. */
  readonly sent: string[] = [];
  /** What was called of the session, but for `send`. */
  readonly calls: string[] = [];
  /** Whether the server ever closes after the end of the stream. */
  closes = true;
  private end: (reason: BulkheadError) => void = () => {};

  constructor() {
    this.ended = new Promise((resolve) => {
      this.end = resolve;
    });
  }

  get progress(): SendProgress {
    return this;
  }

  get busy(): boolean {
    return this.room <= 0;
  }

  stalledMs(): number {
    return this.stalled;
  }

  get bytesWritten(): number {
    return this.bytesTaken;
  }

  async askServer(): Promise<boolean> {
    this.calls.push('ask');
    return this.answers;
  }

  silentMs(): number {
    return this.silent;
  }

  send(kind: StreamTagKind, timestamp: number, payload: Buffer): void {
    this.room -= 1;
    this.sent.push(`${kind} ${timestamp}`);
    this.bytesTaken += payload.length;
  }

  /** The socket has taken all; it takes `room` more. */
  drain(room: number): void {
    this.room = room;
    this.hooks?.onDrain();
  }

  fail(reason: BulkheadError): void {
    this.calls.push(`fail ${reason.code}`);
    this.end(reason);
  }

  endStream(deadlineMs: number): Promise<void> {
    this.calls.push('endStream');
    return this.closing(deadlineMs);
  }

  close(deadlineMs: number): Promise<void> {
    this.calls.push('close');
    return this.closing(deadlineMs);
  }

  dispose(): void {
    this.calls.push('dispose');
  }

  /** The server closes the connection. */
  serverCloses(code: BulkheadError['code'] = ErrorCodes.outputClosed): void {
    this.end(new BulkheadError(code, 'the server closed the connection'));
  }

  private closing(deadlineMs: number): Promise<void> {
    return this.closes ? Promise.resolve() : new Promise((resolve) => setTimeout(resolve, deadlineMs));
  }
}
