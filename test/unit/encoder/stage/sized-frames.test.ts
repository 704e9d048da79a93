import assert from 'node:assert/strict';
import { FrameMemory } from '../../../../src/encoder/canvas/frame-memory.js';
import {
  alphaFrameBytes,
  type Frame,
  type FrameLayout,
  FramePool,
  frameBytes,
} from '../../../../src/encoder/canvas/frame-pool.js';
import { SizedFrames } from '../../../../src/encoder/stage/sized-frames.js';

const SMALL = { width: 256, height: 128, hasAlpha: false };
const LARGE = { width: 512, height: 256, hasAlpha: false };
const CAPACITY = 2;

describe('frames of a source that decides their size', () => {
  const bytesOf = (size: FrameLayout) => FramePool.memoryBytes(frameBytes(size), CAPACITY);
  let memory: FrameMemory;
  let sizes: WeakMap<Frame, FrameLayout>;
  let refused: FrameLayout[];
  let frames: SizedFrames;

  beforeEach(() => {
    memory = new FrameMemory(bytesOf(SMALL) + bytesOf(LARGE));
    [sizes, refused] = [new WeakMap(), []];
    frames = new SizedFrames({
      memory,
      capacity: CAPACITY,
      usual: SMALL,
      layouts: sizes,
      onNoRoom: (size) => refused.push(size),
    });
  });
  afterEach(() => frames.dispose());

  const acquire = (size?: FrameLayout): Frame => frames.acquire(size) ?? assert.fail('no frame');

  it('have the size that is asked for, and say it', () => {
    const usual = acquire();
    assert.deepEqual([sizes.get(usual), usual.bytes.length], [SMALL, frameBytes(SMALL)]);
    const large = acquire(LARGE);
    assert.deepEqual([sizes.get(large), large.bytes.length], [LARGE, frameBytes(LARGE)]);
    assert.deepEqual(sizes.get(usual), SMALL, 'the one before keeps its own');
    usual.release();
    large.release();
  });

  it('may have alpha', () => {
    const layout = { ...SMALL, hasAlpha: true };
    const frame = acquire(layout);
    assert.deepEqual([sizes.get(frame), frame.bytes.length], [layout, alphaFrameBytes(SMALL)]);
    frame.release();
  });

  it('of another size give their memory back once they are not shown any more', () => {
    const before = acquire(LARGE);
    acquire(SMALL).release();
    const other = { width: 510, height: 256, hasAlpha: false };
    assert.equal(frames.acquire(other), undefined, 'its place is still taken');
    assert.deepEqual(refused, [other]);
    before.release();
    // It is asked again when the source is opened again.
    acquire(SMALL).release();
    acquire(other).release();
  });

  it('are as many as they may be', () => {
    const [one, two] = [acquire(), acquire()];
    assert.equal(frames.acquire(), undefined);
    assert.deepEqual(refused, []);
    one.release();
    acquire().release();
    two.release();
  });

  it('are refused for sizes that have no planes', () => {
    for (const size of [
      { width: 63, height: 32 },
      { width: 64, height: 31 },
      { width: 0, height: 0 },
    ]) {
      const layout = { ...size, hasAlpha: false };
      assert.equal(frames.acquire(layout), undefined);
      assert.deepEqual(refused.at(-1), layout);
    }
  });

  it('give everything back when nobody needs them any more', () => {
    const shown = acquire(LARGE);
    frames.dispose();
    assert.throws(() => memory.reserve(memory.buffer.byteLength), RangeError);
    shown.release();
    memory.reserve(memory.buffer.byteLength).dispose();
  });
});
