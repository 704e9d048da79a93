import assert from 'node:assert/strict';
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
