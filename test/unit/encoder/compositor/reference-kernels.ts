import type { Kernels } from '../../../../src/encoder/compositor/kernels.js';

/** Weights of BT.709, and the range of luma and chroma. */
const [RED, GREEN, BLUE] = [0.2126, 0.7152, 0.0722];
const LUMA = 219 / 255;
const CHROMA = 224 / 255;

/** What the kernels do, in plain TypeScript, sample by sample, in these bytes. Colours may differ by one. */
export function referenceKernels(bytes: Uint8Array): Kernels {
  const at = (address: number) => {
    const byte = bytes[address];
    if (byte === undefined) throw new RangeError(`there is no byte ${address}`);
    return byte;
  };
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const eachSample = (width: number, height: number, change: (x: number, y: number) => void) => {
    for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) change(x, y);
  };
  const blend = (address: number, source: number, alpha: number) => {
    const share = Math.floor((alpha * 257) / 2) / 2 ** 15;
    bytes[address] = Math.floor(at(address) + (source - at(address)) * share + 0.5);
  };

  return {
    fillPlane(target, targetStride, width, height, sample) {
      eachSample(width, height, (x, y) => {
        bytes[target + y * targetStride + x] = sample;
      });
    },
    turnPlane(target, targetStride, source, sourceStride, width, height, quarters) {
      for (let y = 0; y < height; y++)
        for (let x = 0; x < width; x++) {
          const [column, row] = [
            ...[[], [height - 1 - y, x], [width - 1 - x, height - 1 - y], [y, width - 1 - x]],
          ][quarters] as [number, number];
          bytes[target + row * targetStride + column] = bytes[source + y * sourceStride + x] ?? 0;
        }
    },
    copyPlane(target, targetStride, source, sourceStride, width, height) {
      eachSample(width, height, (x, y) => {
        bytes[target + y * targetStride + x] = at(source + y * sourceStride + x);
      });
    },
    mixPlane(target, targetStride, low, lowStride, high, highStride, width, height, weight) {
      eachSample(width, height, (x, y) => {
        const [a, b] = [at(low + y * lowStride + x), at(high + y * highStride + x)];
        bytes[target + y * targetStride + x] = Math.floor((a * (256 - weight) + b * weight) / 256 + 0.5);
      });
    },
    maskPlane(alpha, alphaStride, mask, maskStride, width, height, isLuma, isInverted) {
      eachSample(width, height, (x, y) => {
        const seen = at(mask + y * maskStride + x);
        const lit = Math.min(255, Math.max(0, Math.floor(((seen - 16) * 298) / 256 + 0.5)));
        const share = isLuma === 1 ? lit : seen;
        const address = alpha + y * alphaStride + x;
        bytes[address] = Math.round((at(address) * (isInverted === 1 ? 255 - share : share)) / 255);
      });
    },
    blendPlane(target, targetStride, source, sourceStride, alpha, alphaStride, width, height, opacity) {
      eachSample(width, height, (x, y) => {
        const seen = Math.floor((at(alpha + y * alphaStride + x) * opacity) / 256 + 0.5);
        blend(target + y * targetStride + x, at(source + y * sourceStride + x), seen);
      });
    },
    blendChroma(...args) {
      const [targetU, targetV, targetStride, sourceU, sourceV, sourceStride] = args;
      const [, , , , , , alpha, alphaStride, width, height, opacity] = args;
      eachSample(width, height, (x, y) => {
        const first = alpha + 2 * y * alphaStride + 2 * x;
        const sum = at(first) + at(first + 1) + at(first + alphaStride) + at(first + alphaStride + 1);
        const seen = Math.floor((Math.floor(sum / 4 + 0.5) * opacity) / 256 + 0.5);
        const [to, from] = [y * targetStride + x, y * sourceStride + x];
        blend(targetU + to, at(sourceU + from), seen);
        blend(targetV + to, at(sourceV + from), seen);
      });
    },
    scalePlane(...args) {
      const [target, targetStride, width, height, source, sourceStride] = args;
      const [, rowStarts, rowWeights, rowTaps, columnStarts, columnWeights, columnTaps] = args.slice(6);
      const word = (address: number, index: number) => view.getUint16(address + 2 * index, true);
      const start = (address = 0, index = 0) => view.getUint32(address + 4 * index, true);
      eachSample(width, height, (x, y) => {
        let sum = 0;
        for (let column = 0; column < (columnTaps ?? 0); column++) {
          const weight = word(columnWeights ?? 0, x * (columnTaps ?? 0) + column);
          if (weight === 0) continue;
          let line = 0;
          for (let row = 0; row < (rowTaps ?? 0); row++) {
            const from = source + (start(rowStarts, y) + row) * sourceStride;
            const sample = at(from + start(columnStarts, x) / 2 + column);
            line += sample * word(rowWeights ?? 0, y * (rowTaps ?? 0) + row);
          }
          sum += Math.floor((line + 1) / 2) * weight;
        }
        bytes[target + y * targetStride + x] = Math.floor(sum / 2 ** 21 + 0.5);
      });
    },
    rgbaToYuva(rgba, rgbaStride, y, u, v, alpha, lumaStride, chromaStride, width, height) {
      const pixel = (column: number, row: number) => {
        const address = rgba + row * rgbaStride + 4 * column;
        return [at(address), at(address + 1), at(address + 2), at(address + 3)] as const;
      };
      const light = (red: number, green: number, blue: number) => RED * red + GREEN * green + BLUE * blue;
      eachSample(width, height, (column, row) => {
        const [red, green, blue, seen] = pixel(column, row);
        bytes[y + row * lumaStride + column] = Math.round(16 + LUMA * light(red, green, blue));
        bytes[alpha + row * lumaStride + column] = seen;
      });
      eachSample(width / 2, height / 2, (column, row) => {
        const pixels = [0, 1, 2, 3].map((index) => pixel(2 * column + (index % 2), 2 * row + (index >> 1)));
        const total = pixels.reduce((sum, [, , , seen]) => sum + seen, 0);
        const mean = (colour: 0 | 1 | 2) =>
          total === 0 ? 0 : pixels.reduce((sum, each) => sum + each[colour] * each[3], 0) / total;
        const [red, green, blue] = [mean(0), mean(1), mean(2)];
        const luma = light(red, green, blue);
        const place = row * chromaStride + column;
        bytes[u + place] = Math.round(128 + (CHROMA * (blue - luma)) / (2 - 2 * BLUE));
        bytes[v + place] = Math.round(128 + (CHROMA * (red - luma)) / (2 - 2 * RED));
      });
    },
  };
}
