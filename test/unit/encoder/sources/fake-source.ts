import type { Frame, FramePool } from '../../../../src/encoder/canvas/frame-pool.js';
import type { Source, SourceSlot } from '../../../../src/encoder/sources/source.js';
import type { SourcePosition, SourceState } from '../../../../src/protocol/encoder.js';

/** A source that is in the state, and has the frames, that a test says. */
export class FakeSource implements Source {
  state: SourceState = 'starting';
  isReady = false;
  pid = 7;
  position: SourcePosition | undefined = undefined;
  disposed = 0;
  taken = 0;
  /** The byte of its next frames; it has none without it. */
  shade: number | undefined;

  constructor(private readonly pool: FramePool) {}

  become(state: SourceState, shade?: number): this {
    this.state = state;
    this.isReady = state === 'live';
    this.shade = shade;
    return this;
  }

  take(samples: number): SourceSlot {
    this.taken += 1;
    return { frame: this.nextFrame(), sound: Buffer.alloc(this.state === 'live' ? samples : 0, 1) };
  }

  private nextFrame(): Frame | undefined {
    if (this.shade === undefined) return undefined;
    const frame = this.pool.acquire();
    frame?.bytes.fill(this.shade);
    return frame;
  }

  dispose(): void {
    this.disposed += 1;
  }
}
