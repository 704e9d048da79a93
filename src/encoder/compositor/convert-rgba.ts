import type { Rectangle } from '../../base/geometry.js';
import type { Kernels } from './kernels.js';
import { type Planes, partOf } from './planes.js';

/**
 * Converts RGBA, not multiplied by alpha, into a part of a frame with alpha, in BT.709 with the limited range.
 *
 * @param pixels Where its rows are in the frame memory, as wide as the part.
 * @param part Even, and within the frame.
 */
export function convertRgba(kernels: Kernels, frame: Planes, pixels: number, part: Rectangle): void {
  const { luma, chroma, alpha } = partOf(frame, part);
  kernels.rgbaToYuva(
    pixels,
    part.width * 4,
    luma.address,
    chroma[0].address,
    chroma[1].address,
    alpha.address,
    luma.stride,
    chroma[0].stride,
    part.width,
    part.height,
  );
}
