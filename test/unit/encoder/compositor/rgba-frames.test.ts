import assert from 'node:assert/strict';
import fc from 'fast-check';
import { FrameMemory } from '../../../../src/encoder/canvas/frame-memory.js';
import { alphaFrameBytes, FramePool } from '../../../../src/encoder/canvas/frame-pool.js';
import { type Kernels, loadKernels } from '../../../../src/encoder/compositor/kernels.js';
import { RgbaFrames } from '../../../../src/encoder/compositor/rgba-frames.js';

const LARGEST = { width: 1920, height: 320 };
const MOST_BYTES = alphaFrameBytes(LARGEST);

describe('frames of RGBA', () => {
  let memory: FrameMemory;
  let kernels: Kernels;

  before(async () => {
    memory = new FrameMemory(RgbaFrames.memoryBytes + FramePool.memoryBytes(MOST_BYTES, 1));
    kernels = await loadKernels(memory);
  });

  it('are converted as a whole, in as many bands as they need', () => {
    const rgba = new RgbaFrames(memory, kernels);
    const widths = fc.constantFrom(2, 34, 640, 1872, 1920);
    const heights = fc.constantFrom(2, 32, 34, 36, 320);
    fc.assert(
      fc.property(widths, heights, (width, height) => {
        const pixels = new Uint8Array(width * height * 4);
        // Each row has a grey of its own, and the same alpha.
        for (let y = 0; y < height; y += 1) pixels.fill(1 + (y % 250), y * width * 4, (y + 1) * width * 4);
        const size = { width, height };
        const pool = new FramePool(alphaFrameBytes(size), 1, memory);
        const frame = pool.acquire() ?? assert.fail();
        frame.bytes.fill(0);
        rgba.convert(pixels, size, frame);
        for (let y = 0; y < height; y += 1) {
          const shade = 1 + (y % 250);
          const alphaAt = (width * height * 3) / 2 + y * width;
          for (const x of [0, width - 1]) {
            assert.equal(frame.bytes[y * width + x], Math.round(16 + (219 * shade) / 255), `luma ${x}, ${y}`);
            assert.equal(frame.bytes[alphaAt + x], shade, `alpha ${x}, ${y}`);
          }
        }
        assert.ok(
          frame.bytes.subarray(width * height, (width * height * 3) / 2).every((sample) => sample === 128),
        );
        frame.release();
        pool.dispose();
      }),
    );
    rgba.dispose();
    memory.reserve(RgbaFrames.memoryBytes + FramePool.memoryBytes(MOST_BYTES, 1)).dispose();
  });
});
