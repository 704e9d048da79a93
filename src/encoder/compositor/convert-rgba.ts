import type { Kernels } from './kernels.js';
import { type Planes, partOf, type Rectangle } from './planes.js';

/** Rows of RGBA pixels, not multiplied by alpha. */
export interface RgbaImage {
  /** In the frame memory. */
  readonly address: number;
  /** Pixels; even. */
  readonly width: number;
}

/**
 * Converts a part of an image into the same part of a frame with alpha, in BT.709 with the limited range.
 *
 * @param area Even, and within both.
 */
export function convertRgba(kernels: Kernels, frame: Planes, image: RgbaImage, area: Rectangle): void {
  const { luma, chroma, alpha } = partOf(frame, area);
  const stride = image.width * 4;
  kernels.rgbaToYuva(
    image.address + area.y * stride + area.x * 4,
    stride,
    luma.address,
    chroma[0].address,
    chroma[1].address,
    alpha.address,
    luma.stride,
    chroma[0].stride,
    area.width,
    area.height,
  );
}
