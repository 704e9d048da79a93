import type { Disposable } from 'vscode-jsonrpc';
import type { Size } from '../../base/geometry.js';
import { FrameMemory, type MemoryRegion } from './frame-memory.js';

/** A raw frame, planar 4:2:0: the bytes of Y, then U, then V. */
export interface Frame {
  /** The frame's memory. Only its owner may write to it, and only before it passes the frame on. */
  readonly bytes: Buffer;
  /** Adds an owner, who has to release it. */
  retain(): this;
  /** Gives the frame back to its pool once the last owner has released it. */
  release(): void;
}

/** What canvases show besides the main one, by their ids. */
export type CanvasFrames = ReadonlyMap<string, Frame>;

/** Where frames come from. */
export interface FrameStore {
  /**
   * A frame with one owner and any contents; undefined if there is none at present.
   *
   * @param layout of the frame, where layouts differ
   */
  acquire(layout?: FrameLayout): Frame | undefined;
}

/** What the bytes of a raw frame are. */
export interface FrameLayout extends Size {
  /** Whether a plane of alpha follows those of 4:2:0. */
  readonly hasAlpha: boolean;
}

/** Bytes of a frame in 4:2:0. Width and height are even. */
export function frameBytes({ width, height }: Size): number {
  return (width * height * 3) / 2;
}

/** Bytes of a frame in 4:2:0 with alpha: Y, U, V, then alpha, which colours are not multiplied by. Width and height are even. */
export function alphaFrameBytes({ width, height }: Size): number {
  return frameBytes({ width, height }) + width * height;
}

/** Fills a frame with a colour, in BT.709 with the limited range. */
export function paint({ bytes }: Pick<Frame, 'bytes'>, { red, green, blue }: Colour): void {
  const luma = (0.2126 * red + 0.7152 * green + 0.0722 * blue) / 255;
  const pixels = (bytes.length * 2) / 3;
  bytes.fill(Math.round(16 + 219 * luma), 0, pixels);
  bytes.fill(Math.round(128 + (224 * (blue / 255 - luma)) / 1.8556), pixels, pixels * 1.25);
  bytes.fill(Math.round(128 + (224 * (red / 255 - luma)) / 1.5748), pixels * 1.25);
}

/** Each 0 to 255. */
export interface Colour {
  readonly red: number;
  readonly green: number;
  readonly blue: number;
}

/**
 * Frames of one size in a {@link FrameMemory}. Frames are reused last in, first out: memory that has never been needed is never
 * touched.
 */
export class FramePool implements FrameStore, Disposable {
  private readonly idle: PooledFrame[] = [];
  private readonly region: MemoryRegion;
  private made = 0;
  private used = 0;
  private disposed = false;

  /**
   * @param capacity Frames at most.
   * @param memory One of its own without it, which nothing else can use.
   * @throws RangeError if the memory has no room for them
   */
  constructor(
    readonly frameBytes: number,
    readonly capacity: number,
    readonly memory = new FrameMemory(FramePool.memoryBytes(frameBytes, capacity)),
  ) {
    this.region = memory.reserve(FramePool.memoryBytes(frameBytes, capacity));
  }

  /** Bytes of memory that a pool takes. */
  static memoryBytes(frameBytes: number, capacity: number): number {
    return FrameMemory.regionBytes(frameBytes) * capacity;
  }

  /** Frames that have an owner. */
  get inUse(): number {
    return this.used;
  }

  /** A frame with one owner and any contents; undefined if all are in use. */
  acquire(): Frame | undefined {
    const frame = this.idle.pop() ?? this.make();
    if (frame === undefined) return undefined;
    this.used += 1;
    frame.owners = 1;
    return frame;
  }

  private make(): PooledFrame | undefined {
    if (this.made === this.capacity || this.disposed) return undefined;
    const address = this.region.address + this.made * FrameMemory.regionBytes(this.frameBytes);
    const bytes = Buffer.from(this.memory.buffer, address, this.frameBytes);
    this.made += 1;
    return new PooledFrame(bytes, (frame) => this.take(frame));
  }

  private take(frame: PooledFrame): void {
    this.used -= 1;
    if (!this.disposed) this.idle.push(frame);
    else if (this.used === 0) this.region.dispose();
  }

  /** Gives the memory back as soon as no frame has an owner. No frame can be acquired any more. */
  dispose(): void {
    this.disposed = true;
    this.idle.length = 0;
    if (this.used === 0) this.region.dispose();
  }
}

class PooledFrame implements Frame {
  owners = 0;

  constructor(
    readonly bytes: Buffer,
    private readonly giveBack: (frame: PooledFrame) => void,
  ) {}

  retain(): this {
    if (this.owners === 0) throw new Error('a frame was retained that has no owner');
    this.owners += 1;
    return this;
  }

  release(): void {
    if (this.owners === 0) throw new Error('a frame was released more often than it was retained');
    this.owners -= 1;
    if (this.owners === 0) this.giveBack(this);
  }
}

/** The frame of a source without frames. */
export function plainFrame(pool: FrameStore): Frame | undefined {
  const frame = pool.acquire();
  if (frame !== undefined) paint(frame, { red: 0x1b, green: 0x2a, blue: 0x38 });
  return frame;
}
