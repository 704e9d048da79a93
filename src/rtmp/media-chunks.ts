import type { ChunkWriter } from './chunk-writer.js';
import type { RtmpMessage } from './messages.js';

interface Encoded {
  readonly chunkStream: number;
  readonly chunkSize: number;
  readonly message: RtmpMessage;
  readonly prefix: Buffer | undefined;
  readonly bytes: Buffer;
}

/**
 * Media in chunks. Outputs get each tag one after the other, and most send it alike: chunks refer to none before them, so what was encoded
 * for one connection is sent on all of them. Only the last message is kept.
 */
export class MediaChunks {
  private last: Encoded | undefined;

  /** Like {@link ChunkWriter.write}; neither the payload nor the result may be changed afterwards. */
  encode(writer: ChunkWriter, chunkStream: number, message: RtmpMessage, prefix?: Buffer): Buffer {
    const { last } = this;
    const isSame =
      last !== undefined &&
      last.message.payload === message.payload &&
      last.message.timestamp === message.timestamp &&
      last.message.streamId === message.streamId &&
      last.message.type === message.type &&
      last.chunkStream === chunkStream &&
      last.chunkSize === writer.chunkSize &&
      last.prefix === prefix;
    if (isSame) return last.bytes;
    const bytes = writer.write(chunkStream, message, prefix);
    this.last = { chunkStream, chunkSize: writer.chunkSize, message, prefix, bytes };
    return bytes;
  }
}
