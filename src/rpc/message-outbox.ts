import type { Duplex } from 'node:stream';
import { AbstractMessageWriter, type Message, type MessageWriter } from 'vscode-jsonrpc/node';
import { BulkheadError, ErrorCodes } from '../protocol/errors.js';
import { FRAME_HEADER_BYTES, writeFrame } from './frame.js';
import { toResponseError } from './remote-error.js';

const WRITTEN = Promise.resolve();

interface QueuedBody {
  readonly text: string;
  readonly bytes: number;
}

/**
 * The writing side of a connection: the messages of one tick leave in one write. It is flushed by `process.nextTick`,
 * so that a message alone in its tick isn't held up.
 */
export class MessageOutbox extends AbstractMessageWriter implements MessageWriter {
  private queue: QueuedBody[] = [];
  private queueBytes = 0;
  private flushPending = false;
  private refused: BulkheadError | undefined;

  constructor(
    private readonly stream: Duplex,
    private readonly maxMessageBytes: number,
  ) {
    super();
    stream.on('drain', this.flush);
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
    if (this.stream.destroyed || this.stream.writableEnded) return WRITTEN;
    try {
      const body = this.encode(message);
      this.queue.push(body);
      this.queueBytes += FRAME_HEADER_BYTES + body.bytes;
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
   * Why the message just written was refused, if it was. To be asked in the same turn: the library keeps only the text
   * of a failed write.
   */
  takeRefusal(): BulkheadError | undefined {
    const refused = this.refused;
    this.refused = undefined;
    return refused;
  }

  end(): void {
    this.write = () => WRITTEN;
    this.flush();
    this.stream.end();
  }

  override dispose(): void {
    this.stream.off('drain', this.flush);
    this.queue = [];
    super.dispose();
  }

  private readonly flush = (): void => {
    this.flushPending = false;
    if (this.queue.length === 0 || this.stream.destroyed || this.stream.writableNeedDrain) return;
    const buffer = Buffer.allocUnsafe(this.queueBytes);
    let offset = 0;
    for (const { text, bytes } of this.queue) offset = writeFrame(buffer, offset, text, bytes);
    this.queue = [];
    this.queueBytes = 0;
    this.stream.write(buffer);
  };

  private encode(message: Message): QueuedBody {
    let text: string;
    try {
      text = JSON.stringify(message);
    } catch (error) {
      throw new BulkheadError(
        ErrorCodes.internal,
        `a value can't be sent as JSON: ${(error as Error).message}`,
        {
          cause: error,
        },
      );
    }
    const bytes = Buffer.byteLength(text);
    if (bytes > this.maxMessageBytes) {
      throw new BulkheadError(
        ErrorCodes.rpcTooLarge,
        `a message of ${bytes} bytes was not sent; at most ${this.maxMessageBytes} are allowed`,
      );
    }
    return { text, bytes };
  }
}
