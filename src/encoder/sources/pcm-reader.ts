import type { Readable } from 'node:stream';

/** How often the limit may be buffered, where more than that is needed. */
const MAX_LIMITS = 100;

/** Buffers PCM from a pipe, up to a limit. */
export class PcmReader {
  private chunks: Buffer[] = [];
  private buffered = 0;
  private closed = false;

  /** @param limit bytes from which on the pipe is not read */
  constructor(
    private readonly pipe: Readable,
    private readonly limit: number,
  ) {
    pipe.on('data', (chunk: Buffer) => {
      this.chunks.push(chunk);
      this.buffered += chunk.length;
      if (this.buffered >= limit) pipe.pause();
    });
    pipe.once('close', () => {
      this.closed = true;
    });
  }

  /** Bytes that can be taken. */
  get size(): number {
    return this.buffered;
  }

  get ended(): boolean {
    return this.closed;
  }

  /** Reads some more beyond the limit: frames that are needed may come only after it. */
  readMore(): void {
    if (this.buffered < MAX_LIMITS * this.limit) this.pipe.resume();
  }

  /** The next `bytes` bytes, or fewer if there are not as many. */
  take(bytes: number): Buffer {
    const all = this.chunks.length === 1 ? (this.chunks[0] as Buffer) : Buffer.concat(this.chunks);
    const taken = all.subarray(0, bytes);
    const rest = all.subarray(taken.length);
    this.chunks = rest.length === 0 ? [] : [rest];
    this.buffered = rest.length;
    if (this.buffered < this.limit) this.pipe.resume();
    return taken;
  }
}
