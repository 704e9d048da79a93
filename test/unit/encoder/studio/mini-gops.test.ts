import assert from 'node:assert/strict';
import { MiniGops } from '../../../../src/encoder/tracks/mini-gops.js';

const KEYFRAME = Buffer.from([0x17, 1, 0, 0, 0]);
const INTERFRAME = Buffer.from([0x27, 1, 0, 0, 80]);

describe('MiniGops', () => {
  let gops: MiniGops;
  beforeEach(() => {
    gops = new MiniGops();
  });

  /** The slots of each mini-GOP that is complete after these frames, in decoding order. */
  const take = (...slots: number[]) =>
    slots.flatMap((slot) => {
      const gop = gops.take(slot, INTERFRAME);
      return gop === undefined ? [] : [{ ...gop, frames: gop.frames.map((frame) => frame.slot) }];
    });

  it('are complete once no frame is missing that is shown before their last', () => {
    for (const slot of [0, 1, 2, 3, 4, 5]) gops.give(slot);
    assert.deepEqual(take(0), [{ frames: [0], first: 0, last: 0 }]);
    assert.deepEqual(take(4, 2, 1), []);
    assert.deepEqual(take(3, 5), [
      { frames: [4, 2, 1, 3], first: 1, last: 4 },
      { frames: [5], first: 5, last: 5 },
    ]);
  });

  it('do not wait for slots that the encoder was not given', () => {
    for (const slot of [7, 9, 12]) gops.give(slot);
    assert.deepEqual(take(7, 12), [{ frames: [7], first: 7, last: 7 }]);
    assert.deepEqual(take(9), [{ frames: [12, 9], first: 9, last: 12 }]);
  });

  it('ignore frames of slots that were not given, and those that come again', () => {
    for (const slot of [0, 1, 2]) gops.give(slot);
    assert.deepEqual(take(5, 0, 0, 2, 2, 0, 5), [{ frames: [0], first: 0, last: 0 }]);
    assert.deepEqual(take(1), [{ frames: [2, 1], first: 1, last: 2 }]);
    assert.deepEqual(take(1, 2), []);
  });

  it('know of each frame what its payload says', () => {
    gops.give(0);
    const [frame] = gops.take(0, KEYFRAME)?.frames ?? [];
    assert.equal(frame?.payload, KEYFRAME);
    assert.deepEqual([frame?.kind, frame?.compositionMs], ['keyframe', 0]);
    gops.give(1);
    const [other] = gops.take(1, INTERFRAME)?.frames ?? [];
    assert.deepEqual([other?.kind, other?.compositionMs], ['interframe', 80]);
  });
});
