import type { Duplex } from 'node:stream';
import {
  AbstractMessageReader,
  type DataCallback,
  Disposable,
  Message,
  type MessageReader,
  type MessageStrategy,
  type RequestMessage,
  type ResponseMessage,
} from 'vscode-jsonrpc/node';
import { BulkheadError, ErrorCodes } from '../protocol/errors.js';
import { checkMessage } from './check-message.js';
import { FrameDecoder } from './frame.js';
import { findExcess, isWithinDepth, type MessageLimits, SMALL_BYTES } from './message-limits.js';
import { CANCEL_METHOD } from './pending-calls.js';
import { type BudgetLimits, ReceiveBudget } from './receive-budget.js';
import { traceMessage } from './rpc-trace.js';
import { turns } from './turns.js';

type Handle = Parameters<MessageStrategy['handleMessage']>[1];

/** Passes through the connection's queue once, to obtain its handler. Never sent. */
const FIRST_TURN: Message = { jsonrpc: '2.0' };

/** Reading the clock for each message would be measurable. */
const MESSAGES_PER_LOOK = 16;
/** Estimated cost of encoding an answer after its handler has returned, ms. */
const ANSWER_MS = 0.02;

export interface InboxOptions {
  /** Its name in traces. */
  readonly peer?: string;
  readonly limits: MessageLimits;
  /** If undefined, the peer is read as fast as it writes. */
  readonly budget: BudgetLimits | undefined;
  /** Maximum number of the peer's unanswered requests, and their size. */
  readonly maxInFlight: number;
  readonly maxInFlightBytes: number;
  /** Answers a request beyond these limits. */
  readonly refuse: (request: RequestMessage, why: string) => void;
  /** Whether this is the id of an unanswered call. */
  readonly isAwaited: (id: number | string) => boolean;
  /** Whether so many answers are queued for writing that reading requests must pause. */
  readonly isHeldUp: () => boolean;
  /** The library could not handle or answer a message. */
  readonly onFailure: (error: unknown) => void;
}

interface Frame {
  readonly buffer: Buffer;
  readonly start: number;
  readonly end: number;
}

/** Why reading is paused. */
type Hold = 'drain' | 'slice' | 'budget';

/**
 * The reading side of a connection. By itself vscode-jsonrpc handles one message per turn of the event loop. Its
 * `messageStrategy` receives the library's handler along with a message: the inbox obtains that handler in the first turn, and
 * then calls it for every message as soon as it is read. Order, cancellation and errors remain the library's.
 *
 * A peer cannot block the event loop for long: a frame is bounded before it is parsed, messages are handled in slices of some
 * milliseconds, and a peer that exceeds its budget waits.
 */
export class MessageInbox extends AbstractMessageReader implements MessageReader, MessageStrategy {
  private readonly decoder: FrameDecoder;
  private readonly budget: ReceiveBudget | undefined;
  /** Frames that have been read; those before `nextFrame` have been parsed. */
  private frames: Frame[] = [];
  private nextFrame = 0;
  /** Messages of the last parsed frame; those before `position` have been handled. */
  private messages: readonly Message[] = [];
  private position = 0;
  /** Each message's share of the bytes in flight. */
  private messageBytes = 0;
  /** Size of the peer's unanswered requests in bytes, by id. */
  private readonly running = new Map<number | string, number>();
  private runningBytes = 0;
  private deliver: DataCallback | undefined;
  private handle: Handle | undefined;
  private yielding = false;
  private readonly holds = new Set<Hold>();
  private budgetTimer: NodeJS.Timeout | undefined;
  private releasedAtMs = Number.NEGATIVE_INFINITY;
  private bytesRead = 0;
  private unchargedBytes = 0;
  private ended: { readonly error: Error | undefined } | undefined;
  private disposed = false;

  constructor(
    private readonly stream: Duplex,
    private readonly options: InboxOptions,
  ) {
    super();
    this.decoder = new FrameDecoder(options.limits.maxBytes);
    this.budget = options.budget === undefined ? undefined : new ReceiveBudget(options.budget);
    // Registered first, since a stream error without a listener throws.
    stream.on('error', this.onStreamError);
    stream.on('end', this.onStreamEnd);
    stream.on('close', this.onStreamEnd);
  }

  /** Bytes read from the peer so far. */
  get receivedBytes(): number {
    return this.bytesRead;
  }

  /** When the peer last had to wait because it exceeded its budget, by `performance.now()`. */
  get slowedAtMs(): number {
    return this.holds.has('budget') ? performance.now() : this.releasedAtMs;
  }

  listen(deliver: DataCallback): Disposable {
    this.deliver = deliver;
    deliver(FIRST_TURN);
    this.stream.on('data', this.onData);
    if (this.stream.destroyed) this.finish(undefined);
    return Disposable.create(() => this.stream.off('data', this.onData));
  }

  handleMessage(_firstTurn: Message, handle: Handle): void {
    this.handle = handle;
    this.handleAll();
  }

  /** Handles a response that did not come from the peer. */
  answer(response: ResponseMessage): void {
    if (this.handle !== undefined && !this.disposed) this.pass(response, this.handle);
  }

  /** Keeps the listener for `error`: a stream may fail while it is being ended. */
  override dispose(): void {
    this.disposed = true;
    this.discard();
    clearTimeout(this.budgetTimer);
    this.stream.off('data', this.onData);
    this.stream.off('end', this.onStreamEnd);
    this.stream.off('close', this.onStreamEnd);
    super.dispose();
  }

  private readonly onData = (chunk: Buffer): void => {
    this.bytesRead += chunk.length;
    this.unchargedBytes += chunk.length;
    try {
      this.decoder.push(chunk, this.takeFrame);
    } catch (error) {
      this.finish(BulkheadError.from(error, ErrorCodes.rpcFraming));
    }
    this.handleAll();
    if (this.options.isHeldUp()) {
      this.hold('drain');
      this.stream.once('drain', () => this.release('drain'));
    }
  };

  private readonly takeFrame = (buffer: Buffer, start: number, end: number): void => {
    this.frames.push({ buffer, start, end });
  };

  private readonly onStreamError = (error: NodeJS.ErrnoException): void => {
    const isGone = error.code === 'ECONNRESET' || error.code === 'EPIPE';
    this.finish(isGone ? undefined : error);
  };

  private readonly onStreamEnd = (): void => {
    const cut = this.decoder.isMidFrame;
    this.finish(
      cut ? new BulkheadError(ErrorCodes.rpcFraming, 'the channel ended within a message') : undefined,
    );
  };

  /** Stops reading; closes once everything read so far has been handled. */
  private finish(error: Error | undefined): void {
    if (this.ended !== undefined) return;
    this.ended = { error };
    this.stream.off('data', this.onData);
    this.handleAll();
  }

  private discard(): void {
    this.frames = [];
    this.nextFrame = 0;
    this.messages = [];
    this.position = 0;
  }

  private handleAll(): void {
    const { handle, budget } = this;
    if (handle === undefined || this.disposed || this.yielding || this.holds.has('slice')) return;
    const limitMs = turns.leftMs;
    let startedAtMs = budget === undefined ? undefined : performance.now();
    let handled = 0;
    let unasked = 0;
    let afterResponse = false;
    for (let message = this.peek(); message !== undefined; message = this.peek()) {
      const isResponse = Message.isResponse(message);
      if (afterResponse && !isResponse) {
        this.yield();
        break;
      }
      if (limitMs <= 0) {
        this.waitForTurn();
        break;
      }
      afterResponse = isResponse;
      this.position += 1;
      handled += 1;
      if (budget !== undefined && !(Message.isResponse(message) && this.isAwaited(message))) unasked += 1;
      this.handleOne(message, handle);
      if (this.disposed) return;
      if (handled % MESSAGES_PER_LOOK !== 0 && this.messageBytes <= SMALL_BYTES) continue;
      const nowMs = performance.now();
      startedAtMs ??= nowMs;
      if (nowMs - startedAtMs + unasked * ANSWER_MS > limitMs) {
        this.waitForTurn();
        break;
      }
    }
    if (startedAtMs !== undefined) this.account(performance.now() - startedAtMs, handled, unasked);
    if (this.disposed || this.yielding || this.holds.has('slice') || this.ended === undefined) return;
    this.close(this.ended.error);
  }

  private waitForTurn(): void {
    this.hold('slice');
    turns.wait(() => this.release('slice'));
  }

  private account(elapsedMs: number, handled: number, unasked: number): void {
    turns.spend(elapsedMs);
    if (this.budget === undefined) return;
    const share = handled === 0 ? 0 : unasked / handled;
    this.charge(this.budget, elapsedMs * share + unasked * ANSWER_MS);
  }

  /** Responses to the core's own requests are charged for their bytes only: the CPU time is the caller's. */
  private charge(budget: ReceiveBudget, cpuMs: number): void {
    const nowMs = performance.now();
    const waitMs = budget.charge(this.unchargedBytes, cpuMs, nowMs);
    this.unchargedBytes = 0;
    if (waitMs === 0 || this.ended !== undefined) return;
    if (budget.isFlooded(nowMs)) {
      this.discard();
      this.finish(new BulkheadError(ErrorCodes.rpcFlooded, 'it sends faster than it is read'));
    } else if (!this.holds.has('budget')) {
      this.hold('budget');
      this.budgetTimer = setTimeout(() => this.release('budget'), Math.ceil(waitMs));
    }
  }

  private hold(why: Hold): void {
    this.holds.add(why);
    this.stream.pause();
  }

  private release(why: Hold): void {
    if (!this.holds.delete(why) || this.disposed) return;
    if (why === 'budget') this.releasedAtMs = performance.now();
    this.handleAll();
    if (this.holds.size === 0) this.stream.resume();
  }

  /** The next message; undefined if there is none, or if it breaks the protocol. */
  private peek(): Message | undefined {
    while (this.position >= this.messages.length) {
      const frame = this.frames[this.nextFrame];
      if (frame === undefined) {
        this.discard();
        return undefined;
      }
      this.nextFrame += 1;
      try {
        this.messages = this.parse(frame);
        this.position = 0;
      } catch (error) {
        this.discard();
        this.ended ??= { error: BulkheadError.from(error, ErrorCodes.rpcFraming) };
        return undefined;
      }
    }
    return this.messages[this.position];
  }

  private parse({ buffer, start, end }: Frame): readonly Message[] {
    const bytes = end - start;
    const { limits } = this.options;
    this.messageBytes = bytes;
    if (bytes > SMALL_BYTES) {
      const excess = findExcess(buffer, start, end, limits);
      if (excess !== undefined) throw framing(`a message of ${bytes} bytes is ${excess}`);
      return [checkMessage(parseJson(buffer.toString('utf8', start, end), bytes))];
    }
    const body = parseJson(buffer.toString('utf8', start, end), bytes);
    const batch: readonly unknown[] = Array.isArray(body) ? body : [body];
    this.messageBytes = bytes / batch.length;
    return batch.map((value) => {
      if (isWithinDepth(value, limits.maxDepth)) return checkMessage(value);
      throw framing(`a message of ${bytes} bytes is nested deeper than ${limits.maxDepth}`);
    });
  }

  /** Code that awaits a response runs before the message after that response is handled. */
  private yield(): void {
    this.yielding = true;
    // A tick requested in a microtask runs after all pending microtasks.
    queueMicrotask(() =>
      process.nextTick(() => {
        this.yielding = false;
        this.handleAll();
      }),
    );
  }

  private isAwaited({ id }: ResponseMessage): boolean {
    return id !== null && this.options.isAwaited(id);
  }

  private handleOne(message: Message, handle: Handle): void {
    traceMessage(this.options.peer ?? '', 'received', message, Math.round(this.messageBytes));
    if (Message.isRequest(message)) this.handleRequest(message, handle);
    else if (Message.isNotification(message) && message.method === CANCEL_METHOD) this.cancel(message.params);
    else this.pass(message, handle);
  }

  /** The library itself reports errors in responses and notifications. */
  private pass(message: Message, handle: Handle): void {
    void handle(message);
  }

  private handleRequest(request: RequestMessage, handle: Handle): void {
    const { id } = request;
    const { maxInFlight, maxInFlightBytes, refuse } = this.options;
    if (id === null) return;
    if (this.running.has(id)) refuse(request, 'another call with its id is being answered');
    else if (this.running.size >= maxInFlight)
      refuse(request, `${maxInFlight} calls are being answered already`);
    else if (this.runningBytes + this.messageBytes > maxInFlightBytes) {
      refuse(request, `calls of ${Math.ceil(this.runningBytes)} bytes are being answered already`);
    } else this.run(request, id, handle);
  }

  private run(request: RequestMessage, id: number | string, handle: Handle): void {
    const bytes = this.messageBytes;
    this.running.set(id, bytes);
    this.runningBytes += bytes;
    const done = (): void => {
      this.running.delete(id);
      this.runningBytes = this.running.size === 0 ? 0 : this.runningBytes - bytes;
    };
    Promise.resolve(handle(request)).then(done, (error: unknown) => {
      done();
      this.options.onFailure(error);
    });
  }

  /** The library records a cancellation when it is delivered; its handler would only clean up after it. */
  private cancel(params: unknown): void {
    const id = (params as { id?: unknown } | undefined)?.id;
    if ((typeof id === 'number' || typeof id === 'string') && this.running.has(id)) {
      this.deliver?.({ jsonrpc: '2.0', method: CANCEL_METHOD, params: { id } } as Message);
    }
  }

  private close(error: Error | undefined): void {
    if (error !== undefined) this.fireError(error);
    this.fireClose();
  }
}

function parseJson(text: string, bytes: number): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw framing(`a message of ${bytes} bytes is not JSON`);
  }
}

function framing(message: string): BulkheadError {
  return new BulkheadError(ErrorCodes.rpcFraming, message);
}
