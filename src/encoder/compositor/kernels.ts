import { readFile } from 'node:fs/promises';
import type { FrameMemory } from '../canvas/frame-memory.js';

/**
 * What kernels.wasm exports. Addresses are in the memory that it was loaded for, strides are bytes from one row to the next, and
 * widths and heights are samples of one plane. Nothing is checked: an address outside the memory is a trap.
 */
export interface Kernels {
  fillPlane(...args: [...target: Plane, width: number, height: number, sample: number]): void;
  copyPlane(...args: [...target: Plane, ...source: Plane, width: number, height: number]): void;
  /** target = low × (256 − weight) + high × weight, over 256. The target may be one of the two. */
  mixPlane(
    ...args: [...target: Plane, ...low: Plane, ...high: Plane, width: number, height: number, weight: number]
  ): void;
  /** Blends the source over the target. The source's colours are not multiplied by alpha. Opacity, 0 to 256, applies to all. */
  blendPlane(
    ...args: [
      ...target: Plane,
      ...source: Plane,
      ...alpha: Plane,
      width: number,
      height: number,
      opacity: number,
    ]
  ): void;
  /** The same for both planes of chroma, which have half the width and height of their alpha. */
  blendChroma(
    ...args: [
      ...target: ChromaPlanes,
      ...source: ChromaPlanes,
      ...alpha: Plane,
      width: number,
      height: number,
      opacity: number,
    ]
  ): void;
  /** Multiplies alpha by a mask, which is alpha itself or luma in the limited range; flags are 0 or 1. */
  maskPlane(
    ...args: [
      ...alpha: Plane,
      ...mask: Plane,
      width: number,
      height: number,
      isLuma: number,
      isInverted: number,
    ]
  ): void;
  /** Scales by the tables that {@link ScaleTables} makes. */
  scalePlane(
    ...args: [
      ...target: Plane,
      width: number,
      height: number,
      ...source: Plane,
      lineWidth: number,
      rowStarts: number,
      rowWeights: number,
      rowTaps: number,
      columnStarts: number,
      columnWeights: number,
      columnTaps: number,
      line: number,
    ]
  ): void;
  /** Turns clockwise by 1 to 3 quarters; the width and the height are the source's. */
  turnPlane(
    ...args: [...target: Plane, ...source: Plane, width: number, height: number, quarters: number]
  ): void;
  /** RGBA, not multiplied by alpha, to YUVA in BT.709 with the limited range. Width and height are even. */
  rgbaToYuva(
    ...args: [
      ...rgba: Plane,
      y: number,
      u: number,
      v: number,
      alpha: number,
      lumaStride: number,
      chromaStride: number,
      width: number,
      height: number,
    ]
  ): void;
}

type Plane = [address: number, stride: number];
type ChromaPlanes = [u: number, v: number, stride: number];

/** @throws Error if the file that belongs to this program is missing or is another one's */
export async function loadKernels({ memory }: FrameMemory): Promise<Kernels> {
  const module = await WebAssembly.compile(await readFile(new URL('./kernels.wasm', import.meta.url)));
  const { exports } = await WebAssembly.instantiate(module, { env: { memory } });
  if (!isKernels(exports)) throw new Error('kernels.wasm does not have all kernels');
  return exports;
}

const NAMES: readonly (keyof Kernels)[] = [
  ...(['fillPlane', 'copyPlane', 'mixPlane', 'blendPlane', 'blendChroma'] as const),
  ...(['maskPlane', 'scalePlane', 'turnPlane', 'rgbaToYuva'] as const),
];

function isKernels(exports: Partial<Record<keyof Kernels, unknown>>): exports is Kernels {
  return NAMES.every((name) => typeof exports[name] === 'function');
}
