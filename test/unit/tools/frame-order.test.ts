import assert from 'node:assert/strict';
import fc from 'fast-check';
import { frameOrder } from '../../tools/recording/frame-order.js';

const FRAME_MS = 40;

function order(numbers: readonly (number | undefined)[], options: { step?: number; loop?: number } = {}) {
  const frames = numbers.map((number, index) => ({ ptsMs: index * FRAME_MS, number }));
  return frameOrder(frames, { frameMs: FRAME_MS, ...options });
}

describe('the order of numbered frames', () => {
  const count = (result: ReturnType<typeof order>) => [result.missing, result.repeated, result.outOfOrder];

  it('counts nothing where every number follows', () => {
    const result = order([7, 8, 9, 10]);
    assert.deepEqual(count(result), [0, 0, 0]);
    assert.equal(result.longestFreezeMs, FRAME_MS);
    assert.deepEqual(result.events, []);
  });

  it('counts every frame that is left out, whichever they are', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer({ min: 1, max: 98 })), (left) => {
        const numbers = Array.from({ length: 100 }, (_, number) => number);
        assert.deepEqual(count(order(numbers.filter((number) => !left.includes(number)))), [
          left.length,
          0,
          0,
        ]);
      }),
    );
  });

  it('counts repeated frames and the time that the longest was shown', () => {
    const result = order([0, 1, 1, 1, 2, 2, 3]);
    assert.deepEqual(count(result), [0, 3, 0]);
    assert.equal(result.longestFreezeMs, 3 * FRAME_MS);
  });

  it('counts a step back once, and the step forward as frames that are missing', () => {
    assert.deepEqual(count(order([0, 1, 3, 2, 4])), [2, 0, 1]);
    assert.deepEqual(order([0, 2]).events, [{ ptsMs: FRAME_MS, from: 0, to: 2 }]);
  });

  it('counts frames without a number, and goes on after them', () => {
    const result = order([0, undefined, undefined, 1]);
    assert.equal(result.unreadable, 2);
    assert.deepEqual(count(result), [0, 0, 0]);
  });

  it('knows the seams of a looped clip, and what is missing there', () => {
    assert.deepEqual(
      [order([8, 9, 0, 1], { loop: 10 })].map(({ seams }) => seams),
      [1],
    );
    assert.deepEqual(count(order([8, 9, 0, 1], { loop: 10 })), [0, 0, 0]);
    assert.deepEqual(count(order([7, 8, 1, 2], { loop: 10 })), [2, 0, 0]);
    assert.deepEqual(count(order([8, 7], { loop: 10 })), [0, 0, 1]);
    assert.deepEqual(count(order([9, 9, 0], { loop: 10 })), [0, 1, 0]);
  });

  it('allows what a change of the frame rate leaves out and repeats', () => {
    const shown = (step: number) => Array.from({ length: 100 }, (_, slot) => Math.round(slot * step));
    for (const step of [10 / 30, 24 / 30, 59.94 / 30, 2]) {
      assert.deepEqual(count(order(shown(step), { step })), [0, 0, 0], String(step));
    }
    assert.deepEqual(count(order([0, 2, 4, 8, 10], { step: 2 })), [2, 0, 0]);
    assert.deepEqual(count(order([0, 2, 4, 4, 6], { step: 2 })), [0, 1, 0]);
  });
});
