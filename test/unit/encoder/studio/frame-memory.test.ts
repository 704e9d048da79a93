import assert from 'node:assert/strict';
import fc from 'fast-check';
import { FrameMemory, type MemoryRegion } from '../../../../src/encoder/canvas/frame-memory.js';
import { BulkheadError } from '../../../../src/protocol/errors.js';

const PAGE = 4096;

describe('FrameMemory', () => {
  it('is shared and never grows', () => {
    const { buffer, memory } = new FrameMemory(100_000);
    assert.equal(buffer.byteLength, 131_072);
    assert.equal(memory.buffer, buffer);
  });

  it('costs nothing where it has not been used', () => {
    const before = process.memoryUsage.rss();
    const memory = new FrameMemory(1024 ** 3);
    memory.reserve(512 * 1024 ** 2);
    assert.ok(process.memoryUsage.rss() - before < 100e6);
  });

  it('holds as much as its address space, and refuses more', () => {
    assert.equal(new FrameMemory(2 ** 32).buffer.byteLength, 2 ** 32);
    assert.throws(() => new FrameMemory(2 ** 32 + 1), /larger than 4 GiB/);
  });

  it('says how much the system does not provide', () => {
    const { Memory } = WebAssembly;
    WebAssembly.Memory = class extends Memory {
      constructor() {
        super({ initial: 2, maximum: 1, shared: true });
      }
    };
    try {
      assert.throws(
        () => new FrameMemory(3e9),
        (error) =>
          error instanceof BulkheadError &&
          error.code === 'process.failed' &&
          /the memory for frames: 3\.0 GB\. Close other programs/.test(error.sentence),
      );
    } finally {
      WebAssembly.Memory = Memory;
    }
  });

  it('gives regions that share nothing, in the first place that is large enough', () => {
    const sizes = fc.integer({ min: 1, max: 5 * PAGE });
    const steps = fc.array(fc.record({ bytes: sizes, free: fc.option(fc.nat()) }), {
      maxLength: 60,
      size: 'max',
    });
    fc.assert(
      fc.property(steps, (changes) => {
        const memory = new FrameMemory(16 * PAGE);
        const held: MemoryRegion[] = [];
        for (const { bytes, free } of changes) {
          if (free !== null) {
            for (const region of held.splice(free % (held.length + 1), 1)) region.dispose();
            continue;
          }
          const taken = Array.from({ length: 16 }, (_, page) =>
            held.some(({ address, bytes }) => address <= page * PAGE && page * PAGE < address + bytes),
          );
          const pages = Math.ceil(bytes / PAGE);
          const place = taken.findIndex(
            (_, page) => page + pages <= 16 && !taken.slice(page, page + pages).includes(true),
          );
          if (place < 0) assert.throws(() => memory.reserve(bytes), /no room/);
          else {
            const region = memory.reserve(bytes);
            assert.deepEqual([region.address, region.bytes], [place * PAGE, pages * PAGE]);
            held.push(region);
          }
        }
      }),
    );
  });

  it('fills a gap that is just large enough', () => {
    const memory = new FrameMemory(4 * PAGE);
    const [first] = [memory.reserve(2 * PAGE), memory.reserve(PAGE)];
    first.dispose();
    assert.equal(memory.reserve(2 * PAGE).address, 0);
    assert.equal(memory.reserve(PAGE).address, 3 * PAGE);
  });

  it('gives a region back once', () => {
    const memory = new FrameMemory(PAGE);
    const first = memory.reserve(1);
    first.dispose();
    const second = memory.reserve(1);
    first.dispose();
    assert.equal(memory.reserve(1).address, PAGE);
    assert.equal(second.address, 0);
  });
});
