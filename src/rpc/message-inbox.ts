import type { Duplex } from 'node:stream';
import {
  AbstractMessageReader,
  type DataCallback,
  Disposable,
  Message,
  type MessageReader,
  type MessageStrategy,
  type NotificationMessage,
  type RequestMessage,
} from 'vscode-jsonrpc/node';
import { BulkheadError, ErrorCodes } from '../protocol/errors.js';
import { FrameDecoder } from './frame.js';

type Next = Parameters<MessageStrategy['handleMessage']>[1];

/** Stands in the connection's queue for all messages in the inbox. Never on the wire. */
const TURN: Message = { jsonrpc: '2.0' };

export interface InboxOptions {
  readonly maxMessageBytes: number;
  /** Most requests of the peer that may be waiting for their answer. */
  readonly maxInFlight: number;
  /** Answers a request that is beyond it. */
  readonly refuse: (request: RequestMessage) => void;
}

/**
 * The reading side of a connection. vscode-jsonrpc handles one message in each turn of the event loop; the inbox gives
 * it one stand-in for everything that has been read, and hands out the messages themselves, through the library's
 * `messageStrategy`, when that turn comes. So a burst costs one turn, and order, cancellation and errors stay the
 * library's.
 */
export class MessageInbox extends AbstractMessageReader implements MessageReader, MessageStrategy {
  private readonly decoder: FrameDecoder;
  private readonly messages: Message[] = [];
  /** Ids of the peer's requests that have not been answered. */
  private readonly running = new Set<number | string>();
  private deliver: DataCallback | undefined;
  private turnPending = false;
  private ended: { readonly error: Error | undefined } | undefined;

  constructor(
    private readonly stream: Duplex,
    private readonly options: InboxOptions,
  ) {
    super();
    this.decoder = new FrameDecoder(options.maxMessageBytes);
    // From the start, since a stream that fails before anybody listens would throw.
    stream.on('error', this.onStreamError);
    stream.on('close', this.onStreamEnd);
  }

  listen(deliver: DataCallback): Disposable {
    this.deliver = deliver;
    this.stream.on('data', this.onData);
    this.stream.on('end', this.onStreamEnd);
    return Disposable.create(() => this.stream.off('data', this.onData));
  }

  /** The connection's turn: handles what has been read, in order. */
  handleMessage(_turn: Message, next: Next): void {
    for (let message = this.messages.shift(); message !== undefined; message = this.messages.shift()) {
      this.dispatch(message, next);
      // Whoever awaits this response runs before the message after it is handled, as if each had a turn of its own.
      if (Message.isResponse(message) && this.messages.length > 0 && !Message.isResponse(this.messages[0])) {
        queueMicrotask(() => process.nextTick(() => this.handleMessage(_turn, next)));
        return;
      }
    }
    this.turnPending = false;
    if (this.ended !== undefined) this.close(this.ended.error);
  }

  override dispose(): void {
    this.deliver = undefined;
    this.messages.length = 0;
    this.stream.off('data', this.onData);
    this.stream.off('end', this.onStreamEnd);
    this.stream.off('close', this.onStreamEnd);
    super.dispose();
  }

  private dispatch(message: Message, next: Next): void {
    if (Message.isRequest(message)) {
      if (this.running.size >= this.options.maxInFlight) {
        this.options.refuse(message);
        return;
      }
      const { id } = message;
      if (id === null) return;
      this.running.add(id);
      void Promise.resolve(next(message)).finally(() => this.running.delete(id));
    } else if (isCancellation(message)) {
      // The library looks for cancellations when they arrive, not when they are handled.
      if (this.running.has(message.params.id)) this.deliver?.(message);
    } else {
      void next(message);
    }
  }

  private readonly onData = (chunk: Buffer): void => {
    try {
      this.decoder.push(chunk, (body) => this.take(body));
    } catch (error) {
      this.finish(BulkheadError.from(error, ErrorCodes.rpcFraming));
    }
  };

  private take(body: Buffer): void {
    const message: unknown = JSON.parse(body.toString('utf8'));
    if (typeof message !== 'object' || message === null || Array.isArray(message)) {
      throw new BulkheadError(ErrorCodes.rpcFraming, 'a message is not a JSON object');
    }
    this.messages.push(message as Message);
    if (this.turnPending) return;
    this.turnPending = true;
    this.deliver?.(TURN);
  }

  private readonly onStreamError = (error: Error): void => this.finish(error);

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
    if (!this.turnPending) this.close(error);
  }

  private close(error: Error | undefined): void {
    if (error !== undefined) this.fireError(error);
    this.fireClose();
  }
}

function isCancellation(
  message: Message,
): message is NotificationMessage & { params: { id: number | string } } {
  if (!Message.isNotification(message) || message.method !== '$/cancelRequest') return false;
  const id: unknown = (message.params as { id?: unknown } | undefined)?.id;
  return typeof id === 'number' || typeof id === 'string';
}
