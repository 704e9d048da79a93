import type { Disposable } from 'vscode-jsonrpc';
import { FrameMemory, type MemoryRegion } from '../canvas/frame-memory.js';
import { type Frame, type FramePool, frameBytes } from '../canvas/frame-pool.js';
import { blendPlanes } from './blend-planes.js';
import type { Kernels } from './kernels.js';
import { covers, type Layer, type PlacedLayer, place } from './layer.js';
import { alphaFrameBytes, type Planes, partOf, planesOf, type Size } from './planes.js';
import { Scaler } from './scaler.js';

/** Black in luma, and no colour in chroma. */
const [BLACK, GREY] = [16, 128];

export interface CompositorOptions {
  /** The canvas'; even. */
  readonly size: Size;
  /** Has frames of the canvas' size. All layers' frames have to be in its memory. */
  readonly pool: FramePool;
  /** Loaded for that memory. */
  readonly kernels: Kernels;
}

/** Makes one frame of many. Frames that it is given stay their owners'; the one that it returns is the caller's. */
export class Compositor implements Disposable {
  private readonly region: MemoryRegion;
  private readonly scaler: Scaler;
  /** Where layers are scaled that cannot be scaled into the frame. */
  private readonly scratch: number;

  /** @throws RangeError if the memory has no room for {@link memoryBytes} */
  constructor(private readonly options: CompositorOptions) {
    const { pool, kernels, size } = options;
    this.region = pool.memory.reserve(Compositor.memoryBytes(size));
    this.scaler = new Scaler(kernels, pool.memory, this.region);
    this.scratch = this.region.address + Scaler.memoryBytes;
  }

  /** Bytes of memory that it takes besides frames. */
  static memoryBytes(size: Size): number {
    return FrameMemory.regionBytes(Scaler.memoryBytes + alphaFrameBytes(size));
  }

  /**
   * The layers on black, the first one lowest. One opaque layer that fills the canvas is passed on as it is, not copied.
   *
   * @returns undefined if the pool has no free frame
   */
  compose(layers: readonly Layer[]): Frame | undefined {
    const { size, pool } = this.options;
    const placed = layers.map((layer) => place(layer, size)).filter((layer) => layer !== undefined);
    const base = placed.findLastIndex((layer) => covers(layer, size));
    const drawn = placed.slice(Math.max(0, base));
    const [lowest, ...above] = drawn;
    if (base >= 0 && lowest !== undefined && above.length === 0 && isWhole(lowest, size)) {
      return lowest.frame.retain();
    }
    for (const layer of drawn) this.addressOf(layer.frame, layerBytes(layer));
    const frame = pool.acquire();
    if (frame === undefined) return undefined;
    if (base < 0) this.clear(frame);
    for (const layer of drawn) this.draw(frame, layer);
    return frame;
  }

  /**
   * Between two frames of the canvas' size.
   *
   * @param progress 0, which is all of `from`, to 1, all of `to`
   * @returns undefined if the pool has no free frame
   */
  fade(from: Frame, to: Frame, progress: number): Frame | undefined {
    const { size, pool, kernels } = this.options;
    const weight = Math.round(256 * Math.min(1, Math.max(0, progress)));
    if (weight === 0) return from.retain();
    if (weight === 256) return to.retain();
    const bytes = frameBytes(size);
    const [low, high] = [this.addressOf(from, bytes), this.addressOf(to, bytes)];
    const frame = pool.acquire();
    if (frame === undefined) return undefined;
    kernels.mixPlane(frame.bytes.byteOffset, bytes, low, bytes, high, bytes, bytes, 1, weight);
    return frame;
  }

  private clear(frame: Frame): void {
    const { kernels, size } = this.options;
    const { luma, chroma } = planesOf(frame.bytes.byteOffset, size);
    for (const [{ address, stride, width, height }, sample] of [
      [luma, BLACK],
      [chroma[0], GREY],
      [chroma[1], GREY],
    ] as const) {
      kernels.fillPlane(address, stride, width, height, sample);
    }
  }

  private draw(frame: Frame, layer: PlacedLayer): void {
    const { area, visible, isScaled, isOpaque, hasAlpha } = layer;
    const target = partOf(planesOf(frame.bytes.byteOffset, this.options.size), visible);
    const source = planesOf(layer.frame.bytes.byteOffset, layer.size);
    const wanted = { ...visible, x: visible.x - area.x, y: visible.y - area.y };
    if (!isScaled) {
      this.put(target, partOf(source, wanted), layer);
      return;
    }
    const scaled = isOpaque ? target : planesOf(this.scratch, visible);
    this.scaler.scale({ from: layer.size, to: area, wanted }, scaled, source, hasAlpha);
    if (!isOpaque) this.put(target, scaled, layer);
  }

  /** Both have the same size. */
  private put(target: Planes, source: Planes, { hasAlpha, isOpaque, weight }: PlacedLayer): void {
    const { kernels } = this.options;
    if (hasAlpha) {
      blendPlanes(kernels, target, source, weight);
      return;
    }
    const planes = [
      [target.luma, source.luma],
      [target.chroma[0], source.chroma[0]],
      [target.chroma[1], source.chroma[1]],
    ] as const;
    for (const [{ address, stride, width, height }, from] of planes) {
      const to = [address, stride] as const;
      if (isOpaque) kernels.copyPlane(...to, from.address, from.stride, width, height);
      else kernels.mixPlane(...to, ...to, from.address, from.stride, width, height, weight);
    }
  }

  /** @throws TypeError for a frame that the kernels must not be given: they check nothing */
  private addressOf({ bytes }: Frame, needed: number): number {
    if (bytes.buffer !== this.options.pool.memory.buffer) {
      throw new TypeError("the frame is not in the compositor's memory");
    }
    if (bytes.length < needed) throw new TypeError(`the frame has ${bytes.length} bytes, not ${needed}`);
    return bytes.byteOffset;
  }

  /** Gives its memory back; nothing can be composed any more. */
  dispose(): void {
    this.region.dispose();
  }
}

/** Whether its frame is the canvas' as it is, neither scaled nor cut. */
function isWhole({ isScaled, size }: PlacedLayer, canvas: Size): boolean {
  return !isScaled && size.width === canvas.width && size.height === canvas.height;
}

/** Bytes that its frame has at least. */
function layerBytes({ size, hasAlpha }: Layer): number {
  return hasAlpha ? alphaFrameBytes(size) : frameBytes(size);
}
