import type { Rectangle, Size } from '../../base/geometry.js';

/** Its first sample's address in the frame memory; sizes in samples, which are bytes. */
export interface Plane extends Size {
  readonly address: number;
  readonly stride: number;
}

export interface Planes {
  readonly luma: Plane;
  /** U and V, of half the width and height. */
  readonly chroma: readonly [Plane, Plane];
  /** Of luma's size. Only a frame with alpha has it. */
  readonly alpha: Plane;
}

/** The planes of a frame of this size, which lie one after the other. */
export function planesOf(address: number, { width, height }: Size): Planes {
  const pixels = width * height;
  const whole = { width, height, stride: width };
  const half = { width: width / 2, height: height / 2, stride: width / 2 };
  return {
    luma: { address, ...whole },
    chroma: [
      { address: address + pixels, ...half },
      { address: address + pixels * 1.25, ...half },
    ],
    alpha: { address: address + pixels * 1.5, ...whole },
  };
}

/** A part of all planes; its position and size are even. */
export function partOf({ luma, chroma: [u, v], alpha }: Planes, area: Rectangle): Planes {
  const { x, y, width, height } = area;
  const half = { x: x / 2, y: y / 2, width: width / 2, height: height / 2 };
  return { luma: part(luma, area), chroma: [part(u, half), part(v, half)], alpha: part(alpha, area) };
}

function part({ address, stride }: Plane, { x, y, width, height }: Rectangle): Plane {
  return { address: address + y * stride + x, stride, width, height };
}
