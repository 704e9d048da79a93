import type { Duplex } from 'node:stream';
import {
  AbstractMessageReader,
  type DataCallback,
  Disposable,
  Message,
  type MessageReader,
  type MessageStrategy,
  type RequestMessage,
} from 'vscode-jsonrpc/node';
import { BulkheadError, ErrorCodes } from '../protocol/errors.js';
import { FrameDecoder } from './frame.js';
import { CANCEL_METHOD } from './pending-calls.js';

type Handle = Parameters<MessageStrategy['handleMessage']>[1];

/** Goes through the connection's queue once, to get its handler. Never on the wire. */
const FIRST_TURN: Message = { jsonrpc: '2.0' };

export interface InboxOptions {
  readonly maxMessageBytes: number;
  /** Most requests of the peer that may be waiting for their answer. */
  readonly maxInFlight: number;
  /** Answers a request that is beyond it. */
  readonly refuse: (request: RequestMessage) => void;
  /** Whether so many answers are waiting to be written that no more requests should be read. */
  readonly isHeldUp: () => boolean;
}

/**
 * The reading side of a connection. By itself vscode-jsonrpc handles one message in each turn of the event loop. Its
 * `messageStrategy` is given the library's handler along with a message: the inbox takes that handler on the first turn,
 * and from then on gives it every message as soon as it is read. Order, cancellation and errors stay the library's.
 */
export class MessageInbox extends AbstractMessageReader implements MessageReader, MessageStrategy {
  private readonly decoder: FrameDecoder;
  /** What has been read; up to `position` it has been handled. */
  private messages: Message[] = [];
  private position = 0;
  /** Ids of the peer's requests that have not been answered. */
  private readonly running = new Set<number | string>();
  private deliver: DataCallback | undefined;
  private handle: Handle | undefined;
  private yielding = false;
  private ended: { readonly error: Error | undefined } | undefined;

  constructor(
    private readonly stream: Duplex,
    private readonly options: InboxOptions,
  ) {
    super();
    this.decoder = new FrameDecoder(options.maxMessageBytes);
    // Before anybody listens, since a stream that fails unheard throws.
    stream.on('error', this.onStreamError);
    stream.on('end', this.onStreamEnd);
    stream.on('close', this.onStreamEnd);
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

  /** Handles a message that did not come from the peer, after those that did. */
  add(message: Message): void {
    this.messages.push(message);
    this.handleAll();
  }

  /** Keeps listening for `error`: a stream may fail while it is being ended. */
  override dispose(): void {
    this.messages = [];
    this.position = 0;
    this.stream.off('data', this.onData);
    this.stream.off('end', this.onStreamEnd);
    this.stream.off('close', this.onStreamEnd);
    super.dispose();
  }

  private readonly onData = (chunk: Buffer): void => {
    try {
      this.decoder.push(chunk, this.take);
    } catch (error) {
      this.finish(BulkheadError.from(error, ErrorCodes.rpcFraming));
    }
    this.handleAll();
    if (this.options.isHeldUp()) {
      this.stream.pause();
      this.stream.once('drain', () => this.stream.resume());
    }
  };

  private readonly take = (buffer: Buffer, start: number, end: number): void => {
    const body: unknown = JSON.parse(buffer.toString('utf8', start, end));
    const messages: readonly unknown[] = Array.isArray(body) ? body : [body];
    for (const message of messages) {
      if (typeof message !== 'object' || message === null || Array.isArray(message)) {
        throw new BulkheadError(ErrorCodes.rpcFraming, 'a message is not a JSON object');
      }
      this.messages.push(message as Message);
    }
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

  /** Reads no more; closes once what was read before has been handled. */
  private finish(error: Error | undefined): void {
    if (this.ended !== undefined) return;
    this.ended = { error };
    this.stream.off('data', this.onData);
    this.handleAll();
  }

  private handleAll(): void {
    if (this.handle === undefined || this.yielding) return;
    let afterResponse = false;
    for (
      let message = this.messages[this.position];
      message !== undefined;
      message = this.messages[this.position]
    ) {
      const isResponse = Message.isResponse(message);
      if (afterResponse && !isResponse) {
        this.yield();
        return;
      }
      afterResponse = isResponse;
      this.position += 1;
      this.handleOne(message, this.handle);
    }
    this.messages = [];
    this.position = 0;
    if (this.ended !== undefined) this.close(this.ended.error);
  }

  /** Whoever awaits a response runs before the message that came after it is handled. */
  private yield(): void {
    this.yielding = true;
    // A tick that is asked for in a microtask comes after all the microtasks that are due.
    queueMicrotask(() =>
      process.nextTick(() => {
        this.yielding = false;
        this.handleAll();
      }),
    );
  }

  private handleOne(message: Message, handle: Handle): void {
    if (Message.isRequest(message)) this.handleRequest(message, handle);
    else if (Message.isNotification(message) && message.method === CANCEL_METHOD) this.cancel(message.params);
    else void handle(message);
  }

  private handleRequest(request: RequestMessage, handle: Handle): void {
    const { id } = request;
    if (id === null) return;
    if (this.running.size >= this.options.maxInFlight) {
      this.options.refuse(request);
      return;
    }
    this.running.add(id);
    const done = (): void => {
      this.running.delete(id);
    };
    Promise.resolve(handle(request)).then(done, done);
  }

  /** The library takes note of a cancellation when it is delivered; its handler would only tidy up after it. */
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
