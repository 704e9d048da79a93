import type { Disposable } from 'vscode-jsonrpc';
import type { FrameMemory } from '../canvas/frame-memory.js';
import {
  alphaFrameBytes,
  type Frame,
  type FrameLayout,
  FramePool,
  type FrameStore,
  frameBytes,
} from '../canvas/frame-pool.js';

export interface SizedFramesOptions {
  /** Shared with others. */
  readonly memory: FrameMemory;
  /** Frames at most. */
  readonly capacity: number;
  /** Of frames for which no other is asked. */
  readonly usual: FrameLayout;
  /** Where the layout of each frame is noted. */
  readonly layouts: WeakMap<Frame, FrameLayout>;
  /** Frames of this layout do not fit into the memory. */
  readonly onNoRoom: (layout: FrameLayout) => void;
}

/** Frames of one source, whose layout it decides itself: another one where it is opened again. */
export class SizedFrames implements FrameStore, Disposable {
  private current: { readonly layout: FrameLayout; readonly pool: FramePool | undefined } | undefined;

  constructor(private readonly options: SizedFramesOptions) {}

  acquire(layout: FrameLayout = this.options.usual): Frame | undefined {
    const frame = this.poolOf(layout)?.acquire();
    if (frame !== undefined) this.options.layouts.set(frame, layout);
    return frame;
  }

  private poolOf(layout: FrameLayout): FramePool | undefined {
    const { current } = this;
    if (current !== undefined && isSame(current.layout, layout)) return current.pool;
    current?.pool?.dispose();
    const pool = this.reserve(layout);
    this.current = { layout, pool };
    return pool;
  }

  private reserve(layout: FrameLayout): FramePool | undefined {
    const { memory, capacity, onNoRoom } = this.options;
    // Planes of 4:2:0 need even sizes, which is what sources are asked for.
    const { width, height, hasAlpha } = layout;
    if (width % 2 === 0 && height % 2 === 0 && width > 0 && height > 0) {
      try {
        return new FramePool(hasAlpha ? alphaFrameBytes(layout) : frameBytes(layout), capacity, memory);
      } catch {
        // There may be room again when it is opened the next time.
      }
    }
    onNoRoom(layout);
    return undefined;
  }

  dispose(): void {
    this.current?.pool?.dispose();
    this.current = undefined;
  }
}

function isSame(a: FrameLayout, b: FrameLayout): boolean {
  return a.width === b.width && a.height === b.height && a.hasAlpha === b.hasAlpha;
}
