import type { Duplex } from 'node:stream';
import { AbstractMessageWriter, type Message, type MessageWriter } from 'vscode-jsonrpc/node';
import { BulkheadError, ErrorCodes } from '../protocol/errors.js';
import { FRAME_HEADER_BYTES, writeFrame } from './frame.js';
import { toResponseError } from './remote-error.js';

/** A long burst leaves in pieces of this size, so that the peer works on the first while the rest is being made. */
const FLUSH_BYTES = 16 * 1024;
const WRITTEN = Promise.resolve();

interface Body {
  readonly text: string;
  readonly bytes: number;
}

/**
 * The writing side of a connection: the messages of one tick leave in one write. It is flushed by `process.nextTick`,
 * which comes after all promise callbacks that are due, and holds up a message alone in its tick by next to nothing.
 */
export class MessageOutbox extends AbstractMessageWriter implements MessageWriter {
  private queue: Body[] = [];
  private queueBytes = 0;
  private flushPending = false;
  private ended = false;
  private refused: BulkheadError | undefined;

  constructor(
    private readonly stream: Duplex,
    private readonly maxMessageBytes: number,
  ) {
    super();
  }

  /** Bytes that the kernel has not taken yet. */
  get queuedBytes(): number {
    return this.queueBytes + this.stream.writableLength;
  }

  /**
   * Queues a message. Rejects when it can't be encoded or is too large, with a ResponseError: the library answers a
   * request with it whose result could not be written.
   */
  write(message: Message): Promise<void> {
    this.refused = undefined;
    if (this.ended) return WRITTEN;
    try {
      const body = this.encode(message);
      this.queue.push(body);
      this.queueBytes += FRAME_HEADER_BYTES + body.bytes;
    } catch (error) {
      this.refused = BulkheadError.from(error);
      return Promise.reject(toResponseError(this.refused));
    }
    if (this.queueBytes >= FLUSH_BYTES) this.flush();
    else if (!this.flushPending) {
      this.flushPending = true;
      process.nextTick(this.flush);
    }
    return WRITTEN;
  }

  /**
   * Why the last message was refused, if it was. To be asked in the turn of the write: the library passes on only the
   * text of a failure.
   */
  get refusal(): BulkheadError | undefined {
    return this.refused;
  }

  /** Sends what is queued, then ends the stream. */
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
    if (this.queue.length === 0) return;
    const buffer = Buffer.allocUnsafe(this.queueBytes);
    let offset = 0;
    for (const { text, bytes } of this.queue) offset = writeFrame(buffer, offset, text, bytes);
    this.queue = [];
    this.queueBytes = 0;
    if (this.stream.writable) this.stream.write(buffer);
  };

  private encode(message: Message): Body {
    let text: string;
    try {
      text = JSON.stringify(message);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      throw new BulkheadError(ErrorCodes.internal, `a value can't be sent as JSON (${why})`, {
        cause: error,
      });
    }
    const bytes = Buffer.byteLength(text);
    if (bytes > this.maxMessageBytes) {
      throw new BulkheadError(
        ErrorCodes.rpcTooLarge,
        `a message of ${bytes} bytes, where ${this.maxMessageBytes} are allowed, was not sent`,
      );
    }
    return { text, bytes };
  }
}
