import type { Duplex } from 'node:stream';
import { AbstractMessageWriter, type Message, type MessageWriter } from 'vscode-jsonrpc/node';
import { BulkheadError, ErrorCodes } from '../protocol/errors.js';
import { encodeMessage } from './encode-message.js';
import { encodeFrame } from './frame.js';
import { findExcess, isWithinDepth, type MessageLimits, SMALL_BYTES } from './message-limits.js';
import { toResponseError } from './remote-error.js';
import { traceMessage } from './rpc-trace.js';

/**
 * Messages of one tick share a frame up to this size, which halves their cost compared to a frame each. A longer burst is
 * sent as several frames, so that the peer processes the first while the next is being encoded.
 */
export const BATCH_BYTES = SMALL_BYTES;
const WRITTEN = Promise.resolve();

/**
 * The writing side of a connection. The messages of one tick are sent in one write, as a batch (JSON-RPC 2.0, section 6),
 * by `process.nextTick`: it runs after all pending promise callbacks, and hardly delays a single message.
 */
export class MessageOutbox extends AbstractMessageWriter implements MessageWriter {
  private batch = '';
  private batchSize = 0;
  private batchBytes = 0;
  private flushPending = false;
  private ended = false;
  private refused: BulkheadError | undefined;

  constructor(
    private readonly stream: Duplex,
    /** The peer's receive limits. */
    private readonly limits: MessageLimits,
    private readonly peer = '',
  ) {
    super();
  }

  /** Bytes that the kernel has not accepted yet. */
  get queuedBytes(): number {
    return this.batchBytes + this.stream.writableLength;
  }

  /**
   * Queues a message. Rejects with a ResponseError if it cannot be encoded or is too large: the library answers a request
   * with that error when its result cannot be written.
   */
  write(message: Message): Promise<void> {
    this.refused = undefined;
    if (this.ended) return WRITTEN;
    try {
      this.append(message, this.encode(message));
    } catch (error) {
      this.refused = BulkheadError.from(error);
      return Promise.reject(toResponseError(this.refused));
    }
    if (!this.flushPending) {
      this.flushPending = true;
      process.nextTick(this.flush);
    }
    return WRITTEN;
  }

  /**
   * Why the last message was refused, if it was. Read it in the turn of the write: the library passes on only the text of
   * a failure.
   */
  get refusal(): BulkheadError | undefined {
    return this.refused;
  }

  /** Sends queued messages, then ends the stream. */
  end(): void {
    if (this.ended) return;
    this.ended = true;
    this.flush();
    this.stream.end();
  }

  override dispose(): void {
    this.ended = true;
    super.dispose();
  }

  private readonly flush = (): void => {
    this.flushPending = false;
    if (this.batchSize === 0) return;
    const frame = encodeFrame(this.batchSize === 1 ? this.batch : `[${this.batch}]`);
    this.batch = '';
    this.batchSize = 0;
    this.batchBytes = 0;
    if (this.stream.writable) this.stream.write(frame);
  };

  private append(message: Message, text: string): void {
    const bytes = this.checkedBytes(message, text);
    traceMessage(this.peer, 'sent', message, bytes);
    // Including brackets and commas.
    if (this.batchBytes + bytes + 2 > BATCH_BYTES) this.flush();
    this.batch = this.batchSize === 0 ? text : `${this.batch},${text}`;
    this.batchSize += 1;
    this.batchBytes += bytes + 1;
  }

  /** The size of the text in bytes. Throws `rpc.tooLarge` if the peer would not accept it. */
  private checkedBytes(message: Message, text: string): number {
    const { maxBytes, maxDepth } = this.limits;
    const bytes = Buffer.byteLength(text);
    if (bytes > maxBytes) {
      throw new BulkheadError(
        ErrorCodes.rpcTooLarge,
        `a message of ${bytes} bytes was not sent; at most ${maxBytes} are allowed`,
      );
    }
    let excess: string | undefined;
    if (bytes > SMALL_BYTES) excess = findExcess(Buffer.from(text), 0, bytes, this.limits);
    else if (!isWithinDepth(message, maxDepth)) excess = `nested deeper than ${maxDepth}`;
    if (excess === undefined) return bytes;
    throw new BulkheadError(ErrorCodes.rpcTooLarge, `a message that is ${excess} was not sent`);
  }

  private encode(message: Message): string {
    try {
      return encodeMessage(message);
    } catch (error) {
      const why = (error instanceof Error ? error.message : String(error)).replace(/\s+/g, ' ');
      throw new BulkheadError(ErrorCodes.rpcUnencodable, `a value can't be sent as JSON (${why})`, {
        cause: error,
      });
    }
  }
}
