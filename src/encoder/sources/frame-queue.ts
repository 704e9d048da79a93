import type { OnReadOpts, Socket } from 'node:net';
import type { Size } from '../../base/geometry.js';
import { alphaFrameBytes, type Frame, type FrameStore } from '../canvas/frame-pool.js';
import { ArrivalLead } from './arrival-lead.js';
import { NutTrack } from './nut-track.js';

/** A frame and its time, s from where its process began. */
export interface TimedFrame {
  readonly timestampS: number;
  readonly frame: Frame;
}

export interface FrameQueueOptions {
  readonly pool: FrameStore;
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
  private readonly lead = new ArrivalLead();

  constructor(private readonly options: FrameQueueOptions) {
    const queue = this;
    this.waits = options.waits;
    this.track = new NutTrack(
      {
        place: (bytes, size) => this.place(bytes, size),
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

  /** See {@link NutTrack.quietSinceMs}. */
  get quietSinceMs(): number {
    return this.track.quietSinceMs;
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

  /** See {@link ArrivalLead.take}. */
  takeLeadS(): number | undefined {
    return this.lead.take();
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

  private place(bytes: number, size: Size | undefined): Buffer | undefined {
    const hasAlpha = size !== undefined && bytes === alphaFrameBytes(size);
    const frame = this.options.pool.acquire(size && { ...size, hasAlpha });
    if (frame === undefined) return undefined;
    // A stream whose frames have become others than its header says.
    if (frame.bytes.length !== bytes) {
      frame.release();
      return undefined;
    }
    this.reading = frame;
    return frame.bytes;
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
    this.lead.note(timestampS);
    if (this.entries.length >= this.options.limit) this.entries.shift()?.frame.release();
    this.entries.push({ timestampS, frame });
  }
}
