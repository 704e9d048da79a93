import type { Disposable } from 'vscode-jsonrpc';
import { formatBytes } from '../../base/format-bytes.js';
import { BulkheadError, ErrorCodes } from '../../protocol/errors.js';

const PAGE_BYTES = 65_536;
/** Regions begin on pages of the operating system: a region that is not used shares none with one that is. */
const ALIGNMENT = 4096;
/** Of a 32-bit memory. */
const MOST_PAGES = 65_536;

/** A part of a {@link FrameMemory}. Disposing gives it back; nothing may use it then. */
export interface MemoryRegion extends Disposable {
  /** Its first byte in the memory; a multiple of 4096. */
  readonly address: number;
  readonly bytes: number;
}

/**
 * The memory that frames lie in, and that the compositor's kernels work on. It never grows. The operating system provides a
 * page when it is first written to: what has never been used costs nothing.
 */
export class FrameMemory {
  readonly memory: WebAssembly.Memory;
  readonly buffer: SharedArrayBuffer;
  /** In the order of their addresses. */
  private readonly regions: MemoryRegion[] = [];

  /**
   * @param bytes At most 4 GiB; rounded up to pages of 64 KiB.
   * @throws BulkheadError `process.failed` if this system does not provide so much
   */
  constructor(bytes: number) {
    const pages = Math.ceil(bytes / PAGE_BYTES);
    if (pages > MOST_PAGES) throw new RangeError(`a memory of ${bytes} bytes is larger than 4 GiB`);
    this.memory = allocate(pages);
    // A shared memory's buffer always is one; the library's types don't tell.
    const { buffer } = this.memory;
    if (!(buffer instanceof SharedArrayBuffer)) throw new TypeError('the memory is not shared');
    this.buffer = buffer;
  }

  /** Bytes that a region of this size takes. */
  static regionBytes(bytes: number): number {
    return Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;
  }

  /**
   * Takes the first place that is large enough. Its contents are undefined.
   *
   * @throws RangeError if there is none: the memory's owner made it too small
   */
  reserve(bytes: number): MemoryRegion {
    const size = FrameMemory.regionBytes(bytes);
    let address = 0;
    let index = 0;
    for (const region of this.regions) {
      if (region.address - address >= size) break;
      address = region.address + region.bytes;
      index += 1;
    }
    if (address + size > this.buffer.byteLength) {
      throw new RangeError(`no room for ${size} bytes in a memory of ${this.buffer.byteLength} for frames`);
    }
    const region: MemoryRegion = {
      address,
      bytes: size,
      dispose: () => {
        const at = this.regions.indexOf(region);
        if (at >= 0) this.regions.splice(at, 1);
      },
    };
    this.regions.splice(index, 0, region);
    return region;
  }
}

function allocate(pages: number): WebAssembly.Memory {
  try {
    return new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
  } catch (cause) {
    throw new BulkheadError(
      ErrorCodes.processFailed,
      `This system does not provide the memory for frames: ${formatBytes(pages * PAGE_BYTES)}.`,
      {
        where: 'encoder',
        remedy: 'Close other programs, or set a smaller frame size or a lower "video.fps".',
        cause,
      },
    );
  }
}
