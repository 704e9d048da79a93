import assert from 'node:assert/strict';
import fc from 'fast-check';
import { DecodingTimes, originMs, slotAt, slotMs } from '../../../../src/encoder/tracks/decoding-times.js';
import type { MiniGop } from '../../../../src/encoder/tracks/mini-gops.js';

const FPS = 25;
const SLOT_MS = 40;

/** A mini-GOP of these slots, in decoding order; `depth` is how far its encoder says that it reorders, in slots. */
function miniGop(slots: readonly number[], depth = 0): MiniGop {
  const compositionMs = depth * SLOT_MS;
  const frames = slots.map((slot) => ({
    slot,
    kind: 'interframe' as const,
    compositionMs,
    payload: Buffer.alloc(0),
  }));
  return { frames, first: Math.min(...slots), last: Math.max(...slots) };
}

describe('the timestamps of slots', () => {
  it('begin 32 slots after 0, to leave room for decoding times', () => {
    assert.equal(originMs(FPS), 32 * SLOT_MS);
    assert.deepEqual([slotMs(0, FPS), slotMs(1, FPS), slotMs(-32, FPS)], [1280, 1320, 0]);
    assert.equal(slotMs(1, 30), 1100);
  });

  it('are known again as their slots', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 10_000_000 }), fc.integer({ min: 1, max: 240 }), (slot, fps) => {
        assert.equal(slotAt(slotMs(slot, fps), fps), slot);
      }),
    );
  });
});

describe('DecodingTimes', () => {
  let times: DecodingTimes;
  beforeEach(() => {
    times = new DecodingTimes(FPS);
  });
  /** In slots, which a timestamp may lie between. */
  const of = (gop: MiniGop) => times.of(gop).map((ms) => (ms - originMs(FPS)) / SLOT_MS);

  it('are those at which frames are shown where none are reordered', () => {
    assert.deepEqual(
      [0, 1, 2, 5].flatMap((slot) => of(miniGop([slot]))),
      [0, 1, 2, 5],
    );
  });

  it('are earlier by as much as the first frame says that frames are reordered', () => {
    assert.deepEqual(of(miniGop([0], 2)), [-2]);
    assert.deepEqual(of(miniGop([4, 2, 1, 3])), [-1, 0, 1, 2]);
    assert.deepEqual(of(miniGop([5])), [3]);
    // Slots that were left out.
    assert.deepEqual(of(miniGop([9, 8])), [4, 5]);
    assert.deepEqual(of(miniGop([10])), [8]);
  });

  it('begin before the first slot, whichever that is', () => {
    assert.deepEqual(of(miniGop([100], 3)), [97]);
    assert.deepEqual(of(miniGop([101])), [98]);
  });

  it('ascend by 1 ms where an encoder reorders more than the one before', () => {
    assert.deepEqual(times.of(miniGop([0])), [1280]);
    // The next is due at 0 as well, and the one after it at 1.
    assert.deepEqual(times.of(miniGop([2, 1])), [1281, 1320]);
    // It stays so.
    assert.deepEqual(times.of(miniGop([3])), [1360]);
  });

  it('are found from the order of the first frames, too', () => {
    assert.deepEqual(of(miniGop([4, 2, 1, 3])), [-1, 0, 1, 2]);
  });

  it('are 16 slots earlier at most', () => {
    assert.deepEqual(of(miniGop([0], 40)), [-16]);
    assert.deepEqual(of(miniGop([1])), [-15]);
  });

  it('are never later than what is shown, whatever the first frame says', () => {
    assert.deepEqual(of(miniGop([0], -3)), [0]);
  });
});
