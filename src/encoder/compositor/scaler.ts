import type { Rectangle, Size } from '../../base/geometry.js';
import type { FrameMemory, MemoryRegion } from '../canvas/frame-memory.js';
import type { Kernels } from './kernels.js';
import type { Plane, Planes } from './planes.js';
import { ScaleTables } from './scale-tables.js';

/** Room for the tables of some dozen layers in 1080p. */
const TABLE_BYTES = 4 * 1024 * 1024;

/** What is scaled, and which part of the result is wanted; even numbers. */
export interface Scaling {
  readonly from: Size;
  readonly to: Size;
  readonly wanted: Rectangle;
}

interface Tables {
  readonly tables: ScaleTables;
  readonly args: ReturnType<ScaleTables['write']>;
}

/** Scales frames, and keeps the tables of layers whose sizes do not change. */
export class Scaler {
  private readonly known = new Map<string, { luma: Tables; chroma: Tables }>();
  private used = 0;

  /** @param region {@link Scaler.memoryBytes} of the memory */
  constructor(
    private readonly kernels: Kernels,
    private readonly memory: FrameMemory,
    private readonly region: Pick<MemoryRegion, 'address'>,
  ) {}

  static readonly memoryBytes = TABLE_BYTES;

  /** @param target has the size of what is wanted */
  scale(scaling: Scaling, target: Planes, source: Planes, hasAlpha: boolean): void {
    const { luma, chroma } = this.tablesFor(scaling);
    this.scalePlane(luma, target.luma, source.luma);
    this.scalePlane(chroma, target.chroma[0], source.chroma[0]);
    this.scalePlane(chroma, target.chroma[1], source.chroma[1]);
    if (hasAlpha) this.scalePlane(luma, target.alpha, source.alpha);
  }

  /** Of one plane that has a sample for each pixel: luma or alpha. */
  scaleOne(scaling: Scaling, target: Plane, source: Plane): void {
    this.scalePlane(this.tablesFor(scaling).luma, target, source);
  }

  private scalePlane({ tables, args }: Tables, target: Plane, { address, stride }: Plane): void {
    const { width, height, firstColumn } = tables;
    this.kernels.scalePlane(
      target.address,
      target.stride,
      width,
      height,
      address + firstColumn,
      stride,
      ...args,
    );
  }

  private tablesFor({ from, to, wanted }: Scaling): { luma: Tables; chroma: Tables } {
    const { x, y, width, height } = wanted;
    const key = [from.width, from.height, to.width, to.height, x, y, width, height].join();
    const known = this.known.get(key);
    if (known !== undefined) return known;
    const luma = new ScaleTables(
      { from: from.width, to: to.width, first: x, count: width, phase: 0.5 },
      { from: from.height, to: to.height, first: y, count: height, phase: 0.5 },
    );
    const chroma = new ScaleTables(
      { from: from.width / 2, to: to.width / 2, first: x / 2, count: width / 2, phase: 0.25 },
      { from: from.height / 2, to: to.height / 2, first: y / 2, count: height / 2, phase: 0.5 },
    );
    if (this.used + luma.bytes + chroma.bytes > TABLE_BYTES) {
      this.known.clear();
      this.used = 0;
    }
    const made = { luma: this.write(luma), chroma: this.write(chroma) };
    this.known.set(key, made);
    return made;
  }

  private write(tables: ScaleTables): Tables {
    if (this.used + tables.bytes > TABLE_BYTES) {
      throw new RangeError(`${tables.bytes} bytes of tables are too many to scale a frame`);
    }
    const args = tables.write(this.memory.buffer, this.region.address + this.used);
    this.used += tables.bytes;
    return { tables, args };
  }
}
