import { BulkheadError, ErrorCodes } from '../protocol/errors.js';

/** A frame is the length of its body in bytes (uint32, big endian), then the body in UTF-8. */
export const FRAME_HEADER_BYTES = 4;

export function encodeFrame(body: string): Buffer {
  const bodyBytes = Buffer.byteLength(body);
  const frame = Buffer.allocUnsafe(FRAME_HEADER_BYTES + bodyBytes);
  frame.writeUInt32BE(bodyBytes);
  frame.write(body, FRAME_HEADER_BYTES, bodyBytes, 'utf8');
  return frame;
}

/**
 * Splits a byte stream, which may arrive in any chunks, into frame bodies. A length outside the limits is a framing
 * error, after which the stream is unusable: nothing marks where the next frame begins.
 */
export class FrameDecoder {
  /** Chunks of an incomplete frame; joined once, when the last byte has arrived. */
  private chunks: Buffer[] = [];
  private bufferedBytes = 0;
  private neededBytes = FRAME_HEADER_BYTES;

  constructor(private readonly maxBodyBytes: number) {}

  /** Whether part of a frame has been received. */
  get isMidFrame(): boolean {
    return this.bufferedBytes > 0;
  }

  /** Takes a chunk and calls `take` with the position of each complete body. Throws `rpc.framing`. */
  push(chunk: Buffer, take: (buffer: Buffer, start: number, end: number) => void): void {
    this.chunks.push(chunk);
    this.bufferedBytes += chunk.length;
    if (this.bufferedBytes < this.neededBytes) return;

    const buffer = this.chunks.length === 1 ? chunk : Buffer.concat(this.chunks, this.bufferedBytes);
    let start = 0;
    let needed = FRAME_HEADER_BYTES;
    while (buffer.length - start >= FRAME_HEADER_BYTES) {
      needed = FRAME_HEADER_BYTES + this.bodyLength(buffer, start);
      if (buffer.length - start < needed) break;
      take(buffer, start + FRAME_HEADER_BYTES, start + needed);
      start += needed;
      needed = FRAME_HEADER_BYTES;
    }
    const rest = buffer.subarray(start);
    this.chunks = rest.length === 0 ? [] : [rest];
    this.bufferedBytes = rest.length;
    this.neededBytes = needed;
  }

  private bodyLength(buffer: Buffer, offset: number): number {
    const length = buffer.readUInt32BE(offset);
    if (length === 0 || length > this.maxBodyBytes) {
      throw new BulkheadError(
        ErrorCodes.rpcFraming,
        `a message of ${length} bytes was announced; 1 to ${this.maxBodyBytes} are allowed`,
      );
    }
    return length;
  }
}
