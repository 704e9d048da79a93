import assert from 'node:assert/strict';
import fc from 'fast-check';
import { MixerSchema } from '../../../../src/config/mixer-schema.js';
import { FramePool } from '../../../../src/encoder/canvas/frame-pool.js';
import {
  besideFrames,
  FrameDelay,
  framesOfDelay,
  slotsOfDelay,
} from '../../../../src/encoder/stage/frame-delay.js';

const BYTES = 6;
const LAYOUT = { width: 2, height: 2, hasAlpha: false };

describe('frames that are shown later', () => {
  let pool: FramePool;
  let copies: FramePool;
  let disposed: number;
  let delay: FrameDelay;

  beforeEach(() => open(20));
  afterEach(() => {
    delay.dispose();
    assert.deepEqual([pool.inUse, copies.inUse], [0, 0], 'every frame is given back');
  });

  function open(capacity: number): void {
    pool = new FramePool(BYTES, 20);
    copies = new FramePool(BYTES, capacity);
    disposed = 0;
    const store = {
      acquire: () => copies.acquire(),
      dispose: () => {
        disposed += 1;
      },
    };
    delay = new FrameDelay(store, () => LAYOUT);
  }

  /** One slot, in which a frame with this number may come: the number of the one that is shown from then on, if it is another. */
  function take(number?: number): number | undefined {
    const frame = number === undefined ? undefined : pool.acquire();
    frame?.bytes.fill(number ?? 0);
    const shown = delay.take(frame);
    const shownNumber = shown?.bytes[0];
    shown?.release();
    return shownNumber;
  }

  it('are the source’s own at once without a delay, and take no memory', () => {
    assert.deepEqual([take(1), take(), take(2)], [1, undefined, 2]);
    assert.equal(copies.inUse, 0);
    assert.ok(disposed > 0);
  });

  it('come as many slots later, after the first, which comes at once', () => {
    delay.set(3);
    const shown = [1, 2, 3, undefined, 5, 6, 7, 8, 9].map((number) => take(number));
    assert.deepEqual(shown, [1, undefined, undefined, undefined, 2, 3, undefined, 5, 6]);
    assert.equal(pool.inUse, 0, 'the source has its own again at once');
    assert.equal(disposed, 0);
  });

  it('follow a delay that is changed: they stand still until it has passed, or what is late is left out', () => {
    take(1);
    delay.set(2);
    assert.deepEqual([2, 3, 4, 5].map(take), [undefined, undefined, 2, 3]);
    delay.set(1);
    assert.deepEqual([6, 7].map(take), [5, 6]);
    delay.set(0);
    assert.deepEqual([8, 9].map(take), [8, 9]);
    assert.equal(copies.inUse, 0);
    assert.ok(disposed > 0, 'their memory is for others');
  });

  it('come in order, each once, whenever the delay is changed', () => {
    const slot = fc.record({ comes: fc.boolean(), set: fc.option(fc.nat(8), { nil: undefined }) });
    fc.assert(
      fc.property(fc.array(slot, { maxLength: 60 }), (slots) => {
        open(20);
        const shown: number[] = [];
        for (const [at, { comes, set }] of slots.entries()) {
          if (set !== undefined) delay.set(set);
          const number = take(comes ? at + 1 : undefined);
          if (number !== undefined) shown.push(number);
        }
        assert.ok(
          shown.every((number, at) => number > (shown[at - 1] ?? 0)),
          shown.join(),
        );
        delay.dispose();
        assert.deepEqual([pool.inUse, copies.inUse], [0, 0]);
      }),
    );
  });

  it('come as they are where there is no memory for them, and are left out where there is too little', () => {
    open(0);
    delay.set(3);
    assert.deepEqual([1, 2, 3].map(take), [1, 2, 3]);
    open(2);
    delay.set(3);
    assert.deepEqual([1, 2, 3, 4, 5, 6].map(take), [1, undefined, undefined, undefined, 2, 3]);
  });

  it('are as late as the sound is to be early, in whole slots, beside which the sound is delayed by the rest', () => {
    const mixer = MixerSchema.parse({ sources: { a: { delayMs: -250, gainDb: 3 }, b: { delayMs: 40 } } });
    assert.deepEqual(
      [-250, -33.4, -100 / 3, -1, 0, 40].map((ms) => slotsOfDelay(ms, 30)),
      [8, 2, 1, 1, 0, 0],
    );
    const { a, b } = besideFrames(mixer, 30).sources;
    assert.ok(Math.abs((a?.delayMs ?? 0) - (8000 / 30 - 250)) < 1e-9);
    assert.deepEqual([a?.gainDb, b], [3, mixer.sources['b']]);
    assert.equal(
      besideFrames(MixerSchema.parse({ sources: { a: { delayMs: -500 } } }), 60).sources['a']?.delayMs,
      0,
    );
    for (const fps of [1, 24, 29.97, 60]) assert.ok(framesOfDelay(fps) >= slotsOfDelay(-500, fps) + 2);
  });

  it('are late by half a second at most', () => {
    assert.throws(() => MixerSchema.parse({ sources: { a: { delayMs: -501 } } }));
    assert.throws(() => MixerSchema.parse({ sources: { a: { delayMs: 5001 } } }));
  });
});
