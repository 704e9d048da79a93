import type { Disposable } from 'vscode-jsonrpc';
import type { Size } from '../../base/geometry.js';
import type { FrameMemory, MemoryRegion } from '../canvas/frame-memory.js';
import type { Frame } from '../canvas/frame-pool.js';
import { convertRgba } from './convert-rgba.js';
import type { Kernels } from './kernels.js';
import { planesOf } from './planes.js';

/** Where pixels lie while they are converted, bytes: 34 rows of the widest frames of plugins, which are 1920 pixels wide. */
const BAND_BYTES = 256 * 1024;

/** Makes frames with alpha of whole frames of RGBA, which lie outside of the frame memory: band by band. */
export class RgbaFrames implements Disposable {
  /** Bytes of memory that it takes. */
  static readonly memoryBytes = BAND_BYTES;
  private readonly band: MemoryRegion;

  constructor(
    private readonly memory: FrameMemory,
    private readonly kernels: Kernels,
  ) {
    this.band = memory.reserve(BAND_BYTES);
  }

  /**
   * @param pixels Rows of RGBA, not multiplied by alpha; of `size`, which is even.
   * @param frame With alpha, of the same size; in the memory.
   */
  convert(pixels: Uint8Array, size: Size, frame: Frame): void {
    const { width, height } = size;
    const { address } = this.band;
    const planes = planesOf(frame.bytes.byteOffset, size);
    const rowBytes = width * 4;
    const rows = 2 * Math.floor(BAND_BYTES / rowBytes / 2);
    for (let y = 0; y < height; y += rows) {
      const area = { x: 0, y, width, height: Math.min(rows, height - y) };
      const band = pixels.subarray(y * rowBytes, (y + area.height) * rowBytes);
      new Uint8Array(this.memory.buffer, address, band.length).set(band);
      convertRgba(this.kernels, planes, address, area);
    }
  }

  dispose(): void {
    this.band.dispose();
  }
}
