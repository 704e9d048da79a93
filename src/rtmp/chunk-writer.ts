import type { RtmpMessage } from './messages.js';

const FULL_HEADER_BYTES = 12;
const EXTENDED_TIMESTAMP = 0xffffff;

/**
 * Splits messages into chunks (section 5.3). Every message gets a full header (type 0): it costs a few bytes, and
 * a dropped message does not affect the following ones. Chunk streams are below 64.
 */
export class ChunkWriter {
  /** Maximum chunk size, bytes; send SetChunkSize to the peer before changing it. */
  chunkSize = 128;

  /** The encoded message; the payload is copied once. `prefix` precedes the payload, as part of it. */
  write(chunkStream: number, message: RtmpMessage, prefix?: Buffer): Buffer {
    const { payload } = message;
    const prefixLength = prefix?.length ?? 0;
    const length = prefixLength + payload.length;
    const timestamp = message.timestamp >>> 0;
    const extended = timestamp >= EXTENDED_TIMESTAMP;
    const extendedBytes = extended ? 4 : 0;
    const continuations = Math.max(0, Math.ceil(length / this.chunkSize) - 1);

    const out = Buffer.allocUnsafe(
      FULL_HEADER_BYTES + extendedBytes + length + continuations * (1 + extendedBytes),
    );
    out[0] = chunkStream;
    out.writeUIntBE(extended ? EXTENDED_TIMESTAMP : timestamp, 1, 3);
    out.writeUIntBE(length, 4, 3);
    out[7] = message.type;
    out.writeUInt32LE(message.streamId, 8);
    let at = FULL_HEADER_BYTES;
    if (extended) at = out.writeUInt32BE(timestamp, at);

    for (let from = 0; from < length; ) {
      if (from > 0) {
        out[at++] = 0xc0 | chunkStream;
        // Repeated on every chunk of the message, although the specification is vague: all servers expect it.
        if (extended) at = out.writeUInt32BE(timestamp, at);
      }
      const to = Math.min(length, from + this.chunkSize);
      if (prefix !== undefined && from < prefixLength) {
        at += prefix.copy(out, at, from, Math.min(to, prefixLength));
      }
      if (to > prefixLength) at += payload.copy(out, at, Math.max(0, from - prefixLength), to - prefixLength);
      from = to;
    }
    return out;
  }
}
