import assert from 'node:assert/strict';
import { IDLE_STATUS } from '../../support/idle-status.js';
import { assertFramesInOrder, orderOf } from '../../support/numbered-frames.js';

describe('the order of numbered frames', () => {
  const NONE = { missing: 0, repeated: 0, backwards: 0, slates: 0 };

  it('counts what is missing, repeated and out of order', () => {
    assert.deepEqual(orderOf([]), NONE);
    assert.deepEqual(orderOf([7, 8, 9]), NONE);
    assert.deepEqual(orderOf([7, 8, 8, 11, 12]), { ...NONE, repeated: 1, missing: 2 });
    assert.deepEqual(orderOf([7, 8, 3, 4, 5]), { ...NONE, backwards: 1 });
  });

  it('tells an earlier frame that is repeated in between', () => {
    assert.deepEqual(orderOf([7, 8, 9, 5, 5, 5, 10, 11]), { ...NONE, slates: 1 });
    assert.deepEqual(orderOf([7, 8, 9, 5, 12]), { ...NONE, slates: 1, missing: 2 });
    assert.deepEqual(orderOf([7, 8, 9, 5, 5]), { ...NONE, slates: 1 });
    assert.deepEqual(orderOf([7, 8, 9, 5, 5, 6, 10]), { ...NONE, backwards: 1, missing: 3 });
  });

  it('excuses only what the status of the broadcast says', () => {
    const busy = (skippedSlots: number, slates: number) => ({
      encoder: { ...IDLE_STATUS.encoder, skippedSlots },
      timeline: { ...IDLE_STATUS.timeline, slates },
    });
    const numbers = [7, 8, 5, 5, 10];
    assertFramesInOrder(numbers, busy(1, 1));
    assert.throws(() => assertFramesInOrder(numbers, busy(0, 1)), /1 frames are missing in 7,8/);
    assert.throws(() => assertFramesInOrder(numbers, busy(1, 0)), /earlier frames are repeated in 7,8/);
    assert.throws(() => assertFramesInOrder([7, 8, 5, 6], busy(1, 1)), /frames are out of order in 7,8/);
  });
});
