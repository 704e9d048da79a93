import type { OnReadOpts, Socket } from 'node:net';
import type { Size } from '../../base/geometry.js';
import { NutDemuxer } from '../../media/nut-demuxer.js';

/** What is done with the packets of a track. */
export interface PacketQueue {
  /** Where a packet's payload is to be read to; undefined if it is not wanted. `size` is that of frames. */
  place(bytes: number, size: Size | undefined): Buffer | undefined;
  take(timestampS: number, payload: Buffer): void;
  /** Whether to read on. */
  readonly wantsMore: boolean;
}

/** One track from one process: a connection on which NUT arrives. Of several streams the last one is taken; the others stand in for it. */
export class NutTrack {
  private readonly demuxer: NutDemuxer;
  private socket: Socket | undefined;
  private paused = false;
  private closed = false;
  private quietMs = performance.now();

  /** @param scratchBytes see {@link NutDemuxer} */
  constructor(queue: PacketQueue, scratchBytes: number) {
    this.demuxer = new NutDemuxer(
      {
        place: (stream, bytes, size) => (this.isOurs(stream) ? queue.place(bytes, size) : undefined),
        take: (_stream, timestampS, payload) => queue.take(timestampS, payload),
        // Its process sees the connection close, and exits.
        fail: () => this.close(),
        get wantsMore() {
          return queue.wantsMore;
        },
      },
      scratchBytes,
    );
    const { buffer, callback } = this.demuxer.onread;
    this.onread = {
      buffer,
      callback: (bytes, target) => {
        this.quietMs = performance.now();
        this.paused = !callback(bytes, target);
        return !this.paused;
      },
    };
  }

  readonly onread: OnReadOpts;

  private isOurs(stream: number): boolean {
    return stream === this.demuxer.streamCount - 1;
  }

  /** Nothing more will come. */
  get ended(): boolean {
    return this.closed;
  }

  /** Since when nothing has come although it could have, by `performance.now()`. */
  get quietSinceMs(): number {
    return this.quietMs;
  }

  attach(socket: Socket): void {
    this.socket = socket;
    socket.once('close', () => {
      this.closed = true;
      this.demuxer.abandon();
    });
  }

  resume(): void {
    if (!this.paused) return;
    this.paused = false;
    this.quietMs = performance.now();
    this.socket?.resume();
  }

  close(): void {
    this.closed = true;
    this.socket?.destroy();
  }
}
