import type { Kernels } from './kernels.js';
import { type Planes, partOf } from './planes.js';

/** Rows at once: their alpha is still in a cache of the processor's own when chroma needs it. */
const BAND = 64;

/**
 * Blends a frame with alpha over another one of the same size.
 *
 * @param opacity 0 to 256, of all of it
 */
export function blendPlanes(kernels: Kernels, target: Planes, source: Planes, opacity: number): void {
  const { width, height } = source.alpha;
  for (let y = 0; y < height; y += BAND) {
    const band = { x: 0, y, width, height: Math.min(BAND, height - y) };
    blendBand(kernels, partOf(target, band), partOf(source, band), opacity);
  }
}

function blendBand(kernels: Kernels, target: Planes, source: Planes, opacity: number): void {
  const { luma, chroma, alpha } = source;
  const [u, v] = target.chroma;
  kernels.blendPlane(
    ...[target.luma.address, target.luma.stride, luma.address, luma.stride, alpha.address, alpha.stride],
    ...[luma.width, luma.height, opacity],
  );
  kernels.blendChroma(
    ...[u.address, v.address, u.stride, chroma[0].address, chroma[1].address, chroma[0].stride],
    ...[alpha.address, alpha.stride, u.width, u.height, opacity],
  );
}
