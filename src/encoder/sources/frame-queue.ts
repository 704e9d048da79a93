import type { OnReadOpts, Socket } from 'node:net';
import type { Frame, FramePool } from '../canvas/frame-pool.js';
import { NutTrack } from './nut-track.js';

/** A frame and its time, s from where its process began. */
export interface TimedFrame {
  readonly timestampS: number;
  readonly frame: Frame;
}

export interface FrameQueueOptions {
  readonly pool: FramePool;
  /** Frames that wait to be taken at most. */
  readonly limit: number;
  /** See {@link FrameQueue.waits}. */
  readonly waits: boolean;
}

/** Read where no frame has begun: a few headers, and the beginning of a frame, which is copied. */
const SCRATCH_BYTES = 512;

/** Raw frames of one process, read from its connection straight into frames of the pool. */
export class FrameQueue {
  private readonly entries: TimedFrame[] = [];
  private readonly track: NutTrack;
  /** Whether reading pauses at the limit; otherwise the oldest frame is dropped there. */
  waits: boolean;
  private reading: Frame | undefined;
  private count = 0;
  private last = 0;

  constructor(private readonly options: FrameQueueOptions) {
    const queue = this;
    this.waits = options.waits;
    this.track = new NutTrack(
      {
        place: (bytes) => this.place(bytes),
        take: (timestampS) => this.push(timestampS),
        get wantsMore() {
          return !queue.waits || queue.entries.length < options.limit;
        },
      },
      SCRATCH_BYTES,
    );
  }

  get onread(): OnReadOpts {
    return this.track.onread;
  }

  /** Nothing more will come, apart from what can be taken. */
  get ended(): boolean {
    return this.track.ended;
  }

  /** Frames that can be taken. */
  get size(): number {
    return this.entries.length;
  }

  get isEmpty(): boolean {
    return this.entries.length === 0;
  }

  /** Frames that have arrived so far. */
  get arrived(): number {
    return this.count;
  }

  /** Time of the last one that has arrived, s. */
  get lastS(): number {
    return this.last;
  }

  attach(socket: Socket): void {
    this.track.attach(socket);
    socket.once('close', () => {
      this.reading?.release();
      this.reading = undefined;
    });
  }

  /** Time of the n-th frame that waits; undefined if there are fewer. */
  timestampS(index: number): number | undefined {
    return this.entries.at(index)?.timestampS;
  }

  /** The next frame, which stays in the queue. */
  peek(): Frame | undefined {
    return this.entries[0]?.frame;
  }

  /** The next frame, which the caller then owns. */
  shift(): TimedFrame | undefined {
    const entry = this.entries.shift();
    if (this.entries.length < this.options.limit) this.track.resume();
    return entry;
  }

  close(): void {
    this.track.close();
    for (const { frame } of this.entries.splice(0)) frame.release();
  }

  private place(bytes: number): Buffer | undefined {
    if (bytes !== this.options.pool.frameBytes) return undefined;
    this.reading = this.options.pool.acquire();
    return this.reading?.bytes;
  }

  private push(timestampS: number): void {
    const frame = this.reading;
    this.reading = undefined;
    if (frame === undefined) return;
    if (this.ended) {
      frame.release();
      return;
    }
    this.count += 1;
    this.last = timestampS;
    if (this.entries.length >= this.options.limit) this.entries.shift()?.frame.release();
    this.entries.push({ timestampS, frame });
  }
}
