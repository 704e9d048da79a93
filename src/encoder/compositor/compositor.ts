import type { Disposable } from 'vscode-jsonrpc';
import { type Rectangle, type Size, turned } from '../../base/geometry.js';
import { FrameMemory, type MemoryRegion } from '../canvas/frame-memory.js';
import { alphaFrameBytes, type Frame, type FramePool, frameBytes } from '../canvas/frame-pool.js';
import { blendPlanes } from './blend-planes.js';
import type { Kernels } from './kernels.js';
import { covers, type Layer, type LayerMask, type PlacedLayer, place } from './layer.js';
import { type Plane, type Planes, partOf, planesOf } from './planes.js';
import { type Corner, cornerOf, radiusIn, roundCorners } from './round-corners.js';
import { Scaler } from './scaler.js';

/** Black in luma, and no colour in chroma. */
const [BLACK, GREY] = [16, 128];
const OPAQUE = 255;
/** Corners of different sizes that are kept. */
const MOST_CORNERS = 16;

export interface CompositorOptions {
  /** The canvas'; even. */
  readonly size: Size;
  /** Has frames of the canvas' size. All layers' frames have to be in its memory. */
  readonly pool: FramePool;
  /** Loaded for that memory. */
  readonly kernels: Kernels;
  /** Whether a frame is copied that could be passed on: what keeps it does not keep a source's memory then. */
  readonly copies?: boolean;
}

/** Makes one frame of many. Frames that it is given stay their owners'; the one that it returns is the caller's. */
export class Compositor implements Disposable {
  private readonly region: MemoryRegion;
  private readonly scaler: Scaler;
  private readonly corners = new Map<number, Corner>();
  /** Where layers are scaled that cannot be scaled into the frame, and where frames are turned. */
  private readonly scratch: number;
  private readonly turning: MemoryRegion;
  /** Where masks are scaled. */
  private readonly masking: number;

  /** @throws RangeError if the memory has no room for {@link memoryBytes} */
  constructor(private readonly options: CompositorOptions) {
    const { pool, kernels, size } = options;
    this.region = pool.memory.reserve(Compositor.drawingBytes(size));
    this.turning = pool.memory.reserve(alphaFrameBytes(size));
    this.scaler = new Scaler(kernels, pool.memory, this.region);
    this.scratch = this.region.address + Scaler.memoryBytes;
    this.masking = this.scratch + alphaFrameBytes(size);
  }

  /** Bytes of memory that it takes besides frames. */
  static memoryBytes(size: Size): number {
    return (
      FrameMemory.regionBytes(Compositor.drawingBytes(size)) + FrameMemory.regionBytes(alphaFrameBytes(size))
    );
  }

  private static drawingBytes(size: Size): number {
    return Scaler.memoryBytes + alphaFrameBytes(size) + size.width * size.height;
  }

  /**
   * The layers on black, the first one lowest. One opaque layer that fills the canvas is passed on as it is, unless `copies` is set.
   *
   * @returns undefined if the pool has no free frame
   */
  compose(layers: readonly Layer[]): Frame | undefined {
    const { size, pool, copies = false } = this.options;
    const placed = layers.map((layer) => place(layer, size)).filter((layer) => layer !== undefined);
    const base = placed.findLastIndex((layer) => covers(layer, size));
    const drawn = placed.slice(Math.max(0, base));
    const [lowest, ...above] = drawn;
    const passes = base >= 0 && above.length === 0 && !copies;
    if (passes && lowest !== undefined && isWhole(lowest, size)) {
      return lowest.frame.retain();
    }
    for (const layer of drawn) this.check(layer);
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
    kernels.fillPlane(...filled(luma), BLACK);
    for (const plane of chroma) kernels.fillPlane(...filled(plane), GREY);
  }

  private draw(frame: Frame, layer: PlacedLayer): void {
    const { area, visible, isScaled, isOpaque, hasAlpha, radius, masks } = layer;
    const isShaped = radius > 0 || masks.length > 0;
    const target = partOf(planesOf(frame.bytes.byteOffset, this.options.size), visible);
    const source = this.upright(layer);
    const wanted = { ...visible, x: visible.x - area.x, y: visible.y - area.y };
    if (!isScaled && !isShaped) {
      this.put(target, partOf(source, wanted), layer);
      return;
    }
    const drawn = isOpaque ? target : planesOf(this.scratch, visible);
    if (isScaled) this.scaler.scale({ from: layer.turnedSize, to: area, wanted }, drawn, source, hasAlpha);
    else this.copy(drawn, partOf(source, wanted), hasAlpha);
    if (isShaped && !hasAlpha) this.options.kernels.fillPlane(...filled(drawn.alpha), OPAQUE);
    if (radius > 0) this.round(drawn.alpha, layer);
    for (const mask of masks) this.mask(drawn.alpha, mask, visible);
    if (!isOpaque) this.put(target, drawn, isShaped ? { ...layer, hasAlpha: true } : layer);
  }

  /** @param seen where the plane of alpha lies on the canvas */
  private mask(
    alpha: Plane,
    { frame, size, hasAlpha, by, inverted, area, turns }: LayerMask,
    seen: Rectangle,
  ): void {
    const isLuma = by === 'luma';
    const { kernels } = this.options;
    if (!isLuma && !hasAlpha) {
      if (inverted) kernels.fillPlane(...filled(alpha), 0);
      return;
    }
    const { luma, alpha: ofMask } = planesOf(frame.bytes.byteOffset, size);
    const source = this.uprightPlane(isLuma ? luma : ofMask, turns);
    const { width, height } = alpha;
    const scaled: Plane = { address: this.masking, stride: width, width, height };
    const wanted = { ...seen, x: seen.x - area.x, y: seen.y - area.y };
    this.scaler.scaleOne({ from: turned(size, turns), to: area, wanted }, scaled, source);
    kernels.maskPlane(
      ...([alpha.address, alpha.stride, scaled.address, scaled.stride] as const),
      ...([width, height, Number(isLuma), Number(inverted)] as const),
    );
  }

  private uprightPlane(plane: Plane, turns: number): Plane {
    if (turns === 0) return plane;
    const { address, stride, width, height } = plane;
    const size = turned(plane, turns);
    const target: Plane = { address: this.turning.address, stride: size.width, ...size };
    this.options.kernels.turnPlane(target.address, target.stride, address, stride, width, height, turns);
    return target;
  }

  /** Its frame as it is shown, turned. */
  private upright({ frame, size, turns, turnedSize, hasAlpha }: PlacedLayer): Planes {
    const source = planesOf(frame.bytes.byteOffset, size);
    if (turns === 0) return source;
    const target = planesOf(this.turning.address, turnedSize);
    for (const [{ address, stride }, from] of planePairs(target, source, hasAlpha))
      this.options.kernels.turnPlane(
        ...([address, stride, from.address, from.stride] as const),
        ...([from.width, from.height, turns] as const),
      );
    return target;
  }

  private copy(target: Planes, source: Planes, hasAlpha: boolean): void {
    const { kernels } = this.options;
    for (const [{ address, stride, width, height }, from] of planePairs(target, source, hasAlpha))
      kernels.copyPlane(address, stride, from.address, from.stride, width, height);
  }

  private round({ address, width, height }: Plane, { visible, shape, radius }: PlacedLayer): void {
    const alpha = new Uint8Array(this.options.pool.memory.buffer, address, width * height);
    roundCorners(alpha, visible, shape, this.corner(radiusIn(shape, radius)));
  }

  private corner(radius: number): Corner {
    const known = this.corners.get(radius);
    if (known !== undefined) return known;
    const corner = cornerOf(radius);
    if (this.corners.size >= MOST_CORNERS) this.corners.clear();
    this.corners.set(radius, corner);
    return corner;
  }

  /** Both have the same size. */
  private put(target: Planes, source: Planes, { hasAlpha, isOpaque, weight }: PlacedLayer): void {
    const { kernels } = this.options;
    if (hasAlpha) {
      blendPlanes(kernels, target, source, weight);
      return;
    }
    for (const [{ address, stride, width, height }, from] of planePairs(target, source, false)) {
      const to = [address, stride] as const;
      if (isOpaque) kernels.copyPlane(...to, from.address, from.stride, width, height);
      else kernels.mixPlane(...to, ...to, from.address, from.stride, width, height, weight);
    }
  }

  /** @throws TypeError for a frame that the kernels must not be given, or RangeError for one that is too large to be turned */
  private check(layer: PlacedLayer): void {
    for (const part of [layer, ...layer.masks]) {
      this.addressOf(part.frame, layerBytes(part));
      if (part.turns > 0 && alphaFrameBytes(part.size) > this.turning.bytes)
        throw new RangeError('the frame is too large to be turned');
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
    this.turning.dispose();
  }
}

/** Whether its frame is the canvas' as it is, neither scaled, cut nor turned. */
function isWhole({ isScaled, size, turns }: PlacedLayer, canvas: Size): boolean {
  return !isScaled && turns === 0 && size.width === canvas.width && size.height === canvas.height;
}

/** Bytes that its frame has at least. */
function layerBytes({ size, hasAlpha }: Pick<Layer, 'size' | 'hasAlpha'>): number {
  return hasAlpha ? alphaFrameBytes(size) : frameBytes(size);
}

function filled({
  address,
  stride,
  width,
  height,
}: Plane): [address: number, stride: number, width: number, height: number] {
  return [address, stride, width, height];
}

function planePairs(target: Planes, source: Planes, hasAlpha: boolean): readonly (readonly [Plane, Plane])[] {
  return [
    [target.luma, source.luma],
    [target.chroma[0], source.chroma[0]],
    [target.chroma[1], source.chroma[1]],
    ...(hasAlpha ? [[target.alpha, source.alpha] as const] : []),
  ];
}
