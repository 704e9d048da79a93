import type { Duplex } from 'node:stream';
import {
  CancellationReceiverStrategy,
  CancellationToken,
  createMessageConnection,
  type Disposable,
  ErrorCodes as JsonRpcErrorCodes,
  type MessageConnection,
  type NotificationType,
  type NotificationType0,
  type RequestMessage,
  type RequestType,
  type RequestType0,
  ResponseError,
  type ResponseMessage,
} from 'vscode-jsonrpc/node';
import { DisposableStore } from '../base/disposable-store.js';
import { Emitter, type Event } from '../base/event.js';
import { BulkheadError, ErrorCodes } from '../protocol/errors.js';
import { CallFailures, TIMED_OUT } from './call-failures.js';
import { MessageInbox } from './message-inbox.js';
import { GENEROUS_LIMITS, type MessageLimits } from './message-limits.js';
import { BATCH_BYTES, MessageOutbox } from './message-outbox.js';
import { PendingCalls } from './pending-calls.js';
import type { BudgetLimits } from './receive-budget.js';
import { refusal, toResponseError } from './remote-error.js';

export interface RpcConnectionOptions {
  /** The peer's name in errors and logs, e.g. `encoder`. */
  readonly peer: string;
  /** Default deadline of a request, ms; 10 s if undefined. */
  readonly deadlineMs?: number;
  /** Limits of messages in both directions; {@link GENEROUS_LIMITS} by default, 8 KiB at least. */
  readonly receive?: Partial<MessageLimits>;
  readonly send?: Partial<MessageLimits>;
  /** How much reading the peer may cost; unlimited by default. A peer that floods is closed with `rpc.flooded`. */
  readonly budget?: BudgetLimits;
  /** Maximum number of unanswered requests, in each direction; 4096 by default. */
  readonly maxInFlight?: number;
  /** Maximum size of the peer's unanswered requests, bytes; 64 MiB by default. */
  readonly maxInFlightBytes?: number;
  /**
   * Maximum size of queued writes, bytes; beyond it sends are refused with `rpc.busy`; 32 MiB by default. Reading from the
   * peer pauses as well, since answers cannot be refused.
   */
  readonly maxQueuedBytes?: number;
}

/** How long a disposed connection may take to write its queue, ms. */
const LINGER_MS = 1000;
const CONNECTION_CLOSED = new ResponseError(
  JsonRpcErrorCodes.PendingResponseRejected,
  'the connection is closed',
);
const PROGRESS = '$/progress';
const NO_OPTIONS: CallOptions = {};

type RequestHandler = (params: unknown, token: CancellationToken) => unknown;
type NotificationHandler = (params: unknown) => void;

export interface CallOptions {
  /** How long the answer may take, ms. */
  readonly deadlineMs?: number;
  /** From when on that counts, where that is later than the call, by `performance.now()`. */
  readonly sinceMs?: () => number;
  /** Cancelling asks the peer to stop; the call ends when it answers, or at its deadline. */
  readonly token?: CancellationToken;
}

/** Why a connection closed; `error` is set unless it was closed in order. */
export interface CloseReason {
  readonly error?: Error;
}

/** A notification's handler threw, or a notification could not be sent. There is no caller to receive either error. */
export interface HandlerFailure {
  readonly method: string;
  readonly error: unknown;
}

/**
 * The only wrapper over a vscode-jsonrpc `MessageConnection`. It owns the stream: `dispose` ends it. A channel that breaks
 * the framing is closed, never resynchronised.
 *
 * Messages are handled in the order in which they were sent. Code that awaits a response runs before the message after that
 * response is handled.
 */
export class RpcConnection implements Disposable {
  private readonly failures: CallFailures;
  private readonly deadlineMs: number;
  private readonly maxInFlight: number;
  private readonly maxQueuedBytes: number;
  private readonly inbox: MessageInbox;
  private readonly outbox: MessageOutbox;
  private readonly calls = new PendingCalls((id) => this.expire(id));
  private readonly connection: MessageConnection;
  // The library would keep several objects for each handler, and each plugin's process has dozens of handlers.
  private readonly requests = new Map<string, RequestHandler>();
  private readonly notifications = new Map<string, NotificationHandler>();
  private readonly emitters = new DisposableStore();
  private readonly closeEmitter = this.emitters.add(new Emitter<CloseReason>());
  private readonly failureEmitter = this.emitters.add(new Emitter<HandlerFailure>());
  private listening = false;
  private patient = false;
  private readError: Error | undefined;
  private closeReason: CloseReason | undefined;

  /** Fires once. Pending requests have been rejected with `rpc.closed` before. */
  readonly onDidClose: Event<CloseReason> = this.closeEmitter.event;
  readonly onDidFailHandler: Event<HandlerFailure> = this.failureEmitter.event;
  private readonly unknownEmitter = this.emitters.add(new Emitter<string>());
  /** The peer has sent a method that has no handler here. */
  readonly onDidReceiveUnknown: Event<string> = this.unknownEmitter.event;

  constructor(
    private readonly stream: Duplex,
    options: RpcConnectionOptions,
  ) {
    this.failures = new CallFailures(options.peer);
    this.deadlineMs = options.deadlineMs ?? 10_000;
    this.maxInFlight = options.maxInFlight ?? 4096;
    this.maxQueuedBytes = options.maxQueuedBytes ?? 32 * 1024 * 1024;
    this.outbox = new MessageOutbox(stream, limitsOf(options.send), options.peer);
    this.inbox = new MessageInbox(stream, {
      peer: options.peer,
      limits: limitsOf(options.receive),
      budget: options.budget,
      maxInFlight: this.maxInFlight,
      maxInFlightBytes: options.maxInFlightBytes ?? 64 * 1024 * 1024,
      refuse: (request, why) => this.refuse(request, why),
      isAwaited: (id) => this.calls.has(id),
      isHeldUp: () => this.isFull && stream.writableNeedDrain,
      onFailure: (error) => this.failureEmitter.fire({ method: 'a message', error }),
    });
    this.connection = createMessageConnection(this.inbox, this.outbox, undefined, {
      messageStrategy: this.inbox,
      cancellationStrategy: { receiver: CancellationReceiverStrategy.Message, sender: this.calls },
    });
    this.connection.onError(([error]) => {
      this.readError = error;
    });
    this.connection.onClose(() => this.close(this.readError));
    this.connection.onNotification((method, params) => this.handleNotification(method, params));
    // The library has a handler of its own for this one.
    this.connection.onNotification(PROGRESS, (params) => this.handleNotification(PROGRESS, params));
    this.connection.onRequest((method, params, token) => this.handleRequest(method, params, token));
  }

  /** Bytes read from the peer so far. */
  get receivedBytes(): number {
    return this.inbox.receivedBytes;
  }

  /** When the peer last exceeded its budget, by `performance.now()`: its messages were not read for a while. */
  get slowedAtMs(): number {
    return this.inbox.slowedAtMs;
  }

  /** Bytes sent that the operating system has not taken yet: a peer that reads slowly makes them grow. */
  get queuedBytes(): number {
    return this.outbox.queuedBytes;
  }

  get closed(): boolean {
    return this.closeReason !== undefined;
  }

  /** Throws if the method already has a handler. Errors thrown by the handler are sent to the caller. */
  onRequest<R, E>(
    type: RequestType0<R, E>,
    handler: (params: undefined, token: CancellationToken) => R | Promise<R>,
  ): Disposable;
  onRequest<P, R, E>(
    type: RequestType<P, R, E>,
    handler: (params: P, token: CancellationToken) => R | Promise<R>,
  ): Disposable;
  onRequest<P, R, E>(
    type: RequestType<P, R, E> | RequestType0<R, E>,
    handler: (params: P, token: CancellationToken) => R | Promise<R>,
  ): Disposable {
    return this.register(this.requests, type.method, handler as RequestHandler);
  }

  /** Throws if the method already has a handler. */
  onNotification(type: NotificationType0, handler: () => void): Disposable;
  onNotification<P>(type: NotificationType<P>, handler: (params: P) => void): Disposable;
  onNotification<P>(type: NotificationType<P> | NotificationType0, handler: (params: P) => void): Disposable {
    return this.register(this.notifications, type.method, handler as NotificationHandler);
  }

  /**
   * Rejects with a BulkheadError: the peer's own, or `rpc.closed`, `rpc.timeout`, `rpc.busy`, `rpc.tooLarge`,
   * `rpc.unencodable`, `rpc.cancelled`; any other error becomes an `internal` one, with a RemoteError as its cause. Never
   * throws.
   */
  sendRequest<R, E>(type: RequestType0<R, E>, params?: undefined, options?: CallOptions): Promise<R>;
  sendRequest<P, R, E>(type: RequestType<P, R, E>, params: P, options?: CallOptions): Promise<R>;
  sendRequest<P, R, E>(
    type: RequestType<P, R, E> | RequestType0<R, E>,
    params: P,
    options: CallOptions = NO_OPTIONS,
  ): Promise<R> {
    const { method } = type;
    const obstacle = this.obstacle(method);
    if (obstacle !== undefined) return Promise.reject(obstacle);

    const { deadlineMs = this.deadlineMs, sinceMs, token = CancellationToken.None } = options;
    this.calls.setDeadline(this.patient ? Number.POSITIVE_INFINITY : deadlineMs, sinceMs);
    const response =
      type.numberOfParams === 0
        ? this.connection.sendRequest<R>(method, token)
        : this.connection.sendRequest<R>(method, params, token);
    const { refusal } = this.outbox;
    if (refusal !== undefined) {
      response.catch(() => {});
      return Promise.reject(this.failures.of(refusal.code, method, refusal.message, refusal.cause));
    }
    return response.catch((error: unknown) => {
      throw this.failures.from(error, method, deadlineMs, this.closeReason?.error);
    });
  }

  /**
   * Never throws. Returns false if the message was dropped: the channel is closed or full, or the message cannot be
   * encoded.
   */
  sendNotification(type: NotificationType0): boolean;
  sendNotification<P>(type: NotificationType<P>, params: P): boolean;
  sendNotification<P>(type: NotificationType<P> | NotificationType0, params?: P): boolean {
    const { method } = type;
    if (this.closed || this.isFull) return false;
    const written =
      type.numberOfParams === 0
        ? this.connection.sendNotification(method)
        : this.connection.sendNotification(method, params);
    const { refusal } = this.outbox;
    if (refusal === undefined) return true;
    written.catch(() => {});
    this.failureEmitter.fire({
      method,
      error: this.failures.of(refusal.code, method, refusal.message, refusal.cause),
    });
    return false;
  }

  /**
   * Calls made from now on have no deadline: this process may stand at a breakpoint between a call and its answer.
   */
  waitWithoutDeadlines(): void {
    this.patient = true;
  }

  /** Starts reading. Register handlers first. */
  listen(): void {
    if (this.closed) return;
    this.listening = true;
    this.connection.listen();
  }

  dispose(): void {
    this.close(undefined);
  }

  /** Answers a request of a peer that has too many open. */
  private refuse({ id, method }: RequestMessage, why: string): void {
    const error = refusal(ErrorCodes.rpcBusy, `${method} was refused: ${why}.`);
    const response: ResponseMessage = { jsonrpc: '2.0', id, error };
    this.outbox.write(response).catch(() => {});
  }

  /**
   * Cancels the call at the peer, and gives the library a response of our own, so that it forgets the call; a late response
   * of the peer is ignored.
   */
  private expire(id: number | string): void {
    this.calls.sendCancellation(this.connection, id).catch(() => {});
    const timedOut: ResponseMessage = { jsonrpc: '2.0', id, error: TIMED_OUT };
    this.inbox.answer(timedOut);
  }

  private get isFull(): boolean {
    return this.outbox.queuedBytes > this.maxQueuedBytes;
  }

  private register<H>(handlers: Map<string, H>, method: string, handler: H): Disposable {
    if (this.closed) return { dispose: () => {} };
    if (this.requests.has(method) || this.notifications.has(method)) {
      throw new BulkheadError(ErrorCodes.internal, `${method} has a handler already.`);
    }
    handlers.set(method, handler);
    return {
      dispose: () => {
        if (handlers.get(method) === handler) handlers.delete(method);
      },
    };
  }

  private handleRequest(method: string, params: unknown, token: CancellationToken): unknown {
    const handler = this.requests.get(method);
    if (handler === undefined) {
      this.unknownEmitter.fire(method);
      return new ResponseError(JsonRpcErrorCodes.MethodNotFound, `there is no method ${method}`);
    }
    try {
      const result = handler(params, token);
      if (!(result instanceof Promise)) return result;
      return result.catch((error: unknown) => this.fail(method, error, token));
    } catch (error) {
      return this.fail(method, error, token);
    }
  }

  private handleNotification(method: string, params: unknown): void {
    const handler = this.notifications.get(method);
    if (handler === undefined) {
      this.unknownEmitter.fire(method);
      return;
    }
    try {
      handler(params);
    } catch (error) {
      this.failureEmitter.fire({ method, error });
    }
  }

  /** @throws the error for the caller */
  private fail(method: string, error: unknown, { isCancellationRequested }: CancellationToken): never {
    // The response cannot be sent any more; a peer that crashes may leave a thousand calls.
    if (this.closed) throw CONNECTION_CLOSED;
    const cancelled = isCancellationRequested && !(error instanceof BulkheadError);
    throw toResponseError(
      cancelled
        ? new BulkheadError(ErrorCodes.rpcCancelled, `${method} was cancelled.`, { cause: error })
        : error,
    );
  }

  private close(error: Error | undefined): void {
    if (this.closeReason !== undefined) return;
    this.closeReason = error === undefined ? {} : { error };
    this.outbox.end();
    this.connection.dispose();
    this.calls.dispose();
    if (this.stream.writableLength === 0) this.stream.destroy();
    else this.lingerAndDestroy();
    this.closeEmitter.fire(this.closeReason);
    this.emitters.dispose();
  }

  /** Lets the stream write its queue for a moment: the last message often has the reason for the end. */
  private lingerAndDestroy(): void {
    const timer = setTimeout(() => this.stream.destroy(), LINGER_MS);
    timer.unref();
    this.stream.once('finish', () => this.stream.destroy());
    this.stream.once('close', () => clearTimeout(timer));
  }

  /** Why a call cannot be made now. */
  private obstacle(method: string): BulkheadError | undefined {
    const { maxInFlight, closeReason } = this;
    if (closeReason !== undefined) return this.failures.closed(method, closeReason.error);
    if (!this.listening)
      return this.failures.of(ErrorCodes.internal, method, 'the connection is not listening yet');
    if (this.calls.size >= maxInFlight) {
      return this.failures.of(ErrorCodes.rpcBusy, method, `${maxInFlight} calls wait for an answer already`);
    }
    if (this.isFull) {
      const { queuedBytes } = this.outbox;
      return this.failures.of(ErrorCodes.rpcBusy, method, `${queuedBytes} bytes wait to be sent already`);
    }
    return undefined;
  }
}

function limitsOf(limits: Partial<MessageLimits> = {}): MessageLimits {
  const all = { ...GENEROUS_LIMITS, ...limits };
  return { ...all, maxBytes: Math.max(BATCH_BYTES, all.maxBytes) };
}
