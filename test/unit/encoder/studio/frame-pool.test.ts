import assert from 'node:assert/strict';
import { FrameMemory } from '../../../../src/encoder/canvas/frame-memory.js';
import { FramePool, frameBytes, paint } from '../../../../src/encoder/canvas/frame-pool.js';

describe('FramePool', () => {
  it('has frames of planar 4:2:0', () => {
    assert.equal(frameBytes({ width: 1280, height: 720 }), 1_382_400);
    assert.equal(frameBytes({ width: 2, height: 2 }), 6);
  });

  it('has as many frames as it was made for, none of which share memory', () => {
    const pool = new FramePool(5000, 3);
    const frames = [pool.acquire(), pool.acquire(), pool.acquire()];
    assert.equal(pool.acquire(), undefined);
    assert.equal(pool.inUse, 3);
    for (const [index, frame] of frames.entries()) frame?.bytes.fill(index + 1);
    for (const [index, frame] of frames.entries()) {
      assert.equal(frame?.bytes.length, 5000);
      assert.ok(frame.bytes.every((byte) => byte === index + 1));
    }
  });

  it('gives a frame again once its last owner has released it, the last one first', () => {
    const pool = new FramePool(10, 3);
    const [first, second] = [pool.acquire(), pool.acquire()];
    first?.retain();
    first?.release();
    assert.equal(pool.inUse, 2);
    first?.release();
    second?.release();
    assert.equal(pool.inUse, 0);
    assert.equal(pool.acquire(), second);
    assert.equal(pool.acquire(), first);
  });

  it('reports an owner too many or too few', () => {
    const frame = new FramePool(10, 1).acquire();
    frame?.release();
    assert.throws(() => frame?.release(), /released more often than it was retained/);
    assert.throws(() => frame?.retain(), /has no owner/);
  });

  it('shares a memory with others, and gives its part back when no frame of it has an owner', () => {
    const memory = new FrameMemory(65_536);
    const pool = new FramePool(5000, 4, memory);
    assert.throws(() => new FramePool(5000, 5, memory), /no room/);
    const other = new FramePool(5000, 4, memory);
    const [first, last] = [pool.acquire(), other.acquire()];
    assert.deepEqual([first?.bytes.byteOffset, last?.bytes.byteOffset], [0, 32_768]);
    assert.equal(first?.bytes.buffer, memory.buffer);

    pool.dispose();
    assert.equal(pool.acquire(), undefined);
    assert.throws(() => memory.reserve(1), /no room/);
    first?.release();
    assert.equal(pool.acquire(), undefined);
    assert.equal(memory.reserve(1).address, 0);
    pool.dispose();
    assert.equal(memory.reserve(1).address, 4096);
  });

  it('gives its part back at once when no frame has an owner', () => {
    const memory = new FrameMemory(65_536);
    const pool = new FramePool(65_536, 1, memory);
    pool.acquire()?.release();
    pool.dispose();
    assert.equal(pool.acquire(), undefined);
    assert.equal(memory.reserve(65_536).address, 0);
  });

  it('paints a frame in BT.709 with the limited range', () => {
    for (const [red, green, blue, y, u, v] of [
      [0, 0, 0, 16, 128, 128],
      [255, 255, 255, 235, 128, 128],
      [255, 0, 0, 63, 102, 240],
      [0, 255, 0, 173, 42, 26],
      [0, 0, 255, 32, 240, 118],
    ] as const) {
      const frame = new FramePool(frameBytes({ width: 4, height: 4 }), 1).acquire();
      assert.ok(frame);
      paint(frame, { red, green, blue });
      assert.deepEqual([...frame.bytes], [...Array(16).fill(y), ...Array(4).fill(u), ...Array(4).fill(v)]);
    }
  });
});
