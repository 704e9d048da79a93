import type { OnReadOpts, Socket } from 'node:net';
import type { Frame, FramePool } from '../canvas/frame-pool.js';

/** Frames that are decoded ahead of a source that is read at our pace. */
const AHEAD = 3;
const MOST_AHEAD = 20;
/** What is read while no frame is free is lost. */
const SCRATCH_BYTES = 65_536;

/** Reads raw frames of one size from a socket straight into frames of the pool, a few ahead. */
export class FrameReader {
  readonly onread: OnReadOpts;
  private readonly queue: Frame[] = [];
  private current: Frame | undefined;
  private offset = 0;
  private socket: Socket | undefined;
  private paused = false;
  private closed = false;
  private scratch: Buffer | undefined;

  constructor(private readonly pool: FramePool) {
    this.onread = { buffer: () => this.target(), callback: (bytes) => this.read(bytes) };
  }

  /** Frames that can be taken. */
  get size(): number {
    return this.queue.length;
  }

  /** Nothing more will come, apart from what can be taken. */
  get ended(): boolean {
    return this.closed;
  }

  attach(socket: Socket): void {
    this.socket = socket;
    socket.once('close', () => {
      this.closed = true;
      this.current?.release();
      this.current = undefined;
    });
  }

  /** The next frame, which the caller then owns. */
  take(): Frame | undefined {
    const frame = this.queue.shift();
    if (this.paused && this.queue.length < AHEAD) this.resume();
    return frame;
  }

  /** Reads one more than usual: sound that is needed may come only after it. */
  readMore(): void {
    if (this.paused && this.queue.length < MOST_AHEAD) this.resume();
  }

  close(): void {
    this.socket?.destroy();
    for (const frame of this.queue.splice(0)) frame.release();
  }

  private resume(): void {
    this.paused = false;
    this.socket?.resume();
  }

  private target(): Uint8Array {
    // Node asks for it when the bytes before have been read. In the middle of a frame that is being lost, a free one is of no use.
    if (this.offset === 0) this.current ??= this.pool.acquire();
    if (this.current !== undefined) return this.current.bytes.subarray(this.offset);
    this.scratch ??= Buffer.allocUnsafe(SCRATCH_BYTES);
    return this.scratch.subarray(0, Math.min(SCRATCH_BYTES, this.pool.frameBytes - this.offset));
  }

  private read(bytes: number): boolean {
    this.offset += bytes;
    if (this.offset < this.pool.frameBytes) return true;
    this.offset = 0;
    const frame = this.current;
    this.current = undefined;
    if (frame === undefined) return true;
    if (this.closed) {
      frame.release();
      return true;
    }
    this.queue.push(frame);
    this.paused = this.queue.length >= AHEAD;
    return !this.paused;
  }
}
