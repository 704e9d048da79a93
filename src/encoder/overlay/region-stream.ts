import type { Rectangle, Size } from '../../base/geometry.js';

/**
 * How pixels go from the process that draws to the encoder process: regions, each a head and its rows of RGBA, not multiplied by alpha.
 * What changes at once may be many regions, the last of which is marked.
 */

/** All numbers are even, but those of the surface. */
export interface Region {
  readonly surface: number;
  /** The whole surface's. */
  readonly size: Size;
  /** Where it is on the surface; empty if only the rest is to be known. */
  readonly area: Rectangle;
  /** All that is drawn lies in it. */
  readonly bounds: Rectangle;
  /** Everything else is transparent: the surface is drawn anew. */
  readonly isFirst: boolean;
  /** What has changed is complete with it. */
  readonly isLast: boolean;
  /** Whether it will look otherwise in the next slot. */
  readonly isMoving: boolean;
}

const HEAD_BYTES = 32;
const MAGIC = 0x0b17;
const [FIRST, LAST, MOVING] = [1, 2, 4];
/** Bytes of the pixels of one region at most. */
export const MOST_REGION_BYTES = 256 * 1024;

/** @param pixels rows of RGBA of the region's area */
export function writeRegion(region: Region, pixels: Uint8Array): Buffer {
  const { surface, size, area, bounds, isFirst, isLast, isMoving } = region;
  const head = Buffer.alloc(HEAD_BYTES);
  head.writeUInt16LE(MAGIC, 0);
  head.writeUInt16LE((isFirst ? FIRST : 0) | (isLast ? LAST : 0) | (isMoving ? MOVING : 0), 2);
  head.writeUInt32LE(surface, 4);
  const numbers = [size.width, size.height, ...corners(area), ...corners(bounds)];
  for (const [index, number] of numbers.entries()) head.writeUInt16LE(number, 8 + 2 * index);
  return Buffer.concat([head, pixels]);
}

/** Reads regions from chunks of any size. */
export class RegionReader {
  private readonly head = Buffer.alloc(HEAD_BYTES);
  private pixels = Buffer.alloc(0);
  private region: Region | undefined;
  private have = 0;

  /** @param onRegion gets pixels that are overwritten afterwards */
  constructor(private readonly onRegion: (region: Region, pixels: Buffer) => void) {}

  /** @throws Error for what no region begins with */
  push(chunk: Buffer): void {
    let rest = chunk;
    while (rest.length > 0) {
      const target = this.region === undefined ? this.head : this.pixels;
      const bytes = rest.copy(target, this.have);
      this.have += bytes;
      rest = rest.subarray(bytes);
      if (this.have < target.length) continue;
      this.have = 0;
      if (this.region === undefined) this.begin(parseHead(this.head));
      else this.finish(this.region);
    }
  }

  private begin(region: Region): void {
    this.region = region;
    const bytes = region.area.width * region.area.height * 4;
    if (this.pixels.length !== bytes) this.pixels = Buffer.alloc(bytes);
    if (bytes === 0) this.finish(region);
  }

  private finish(region: Region): void {
    this.region = undefined;
    this.onRegion(region, this.pixels);
  }
}

function parseHead(head: Buffer): Region {
  if (head.readUInt16LE(0) !== MAGIC) throw new Error('no region of pixels');
  const flags = head.readUInt16LE(2);
  const number = (index: number) => head.readUInt16LE(8 + 2 * index);
  const rectangle = (from: number): Rectangle => ({
    x: number(from),
    y: number(from + 1),
    width: number(from + 2),
    height: number(from + 3),
  });
  const region = {
    surface: head.readUInt32LE(4),
    size: { width: number(0), height: number(1) },
    area: rectangle(2),
    bounds: rectangle(6),
    isFirst: (flags & FIRST) !== 0,
    isLast: (flags & LAST) !== 0,
    isMoving: (flags & MOVING) !== 0,
  };
  const { area, size } = region;
  const isEven = corners(area).every((value) => value % 2 === 0);
  const isWithin = area.x + area.width <= size.width && area.y + area.height <= size.height;
  if (!isEven || !isWithin || area.width * area.height * 4 > MOST_REGION_BYTES)
    throw new Error('a region of pixels that cannot be');
  return region;
}

function corners({ x, y, width, height }: Rectangle): readonly [number, number, number, number] {
  return [x, y, width, height];
}
