import assert from 'node:assert/strict';
import fc from 'fast-check';
import { OverlaySchema } from '../../../src/config/drawing-schema.js';
import { animated } from '../../../src/scenes/keyframes.js';

const SET = { x: 1, y: 2, opacity: 0.5 };

function animation(written: object) {
  return OverlaySchema.parse({ id: 'a', animation: written }).animation;
}

describe('keyframes', () => {
  it('leave what they do not name as it is set', () => {
    assert.deepEqual(animated(SET, undefined, 100), SET);
    const x = animation({ x: [{ atMs: 0, value: 7 }] });
    assert.deepEqual(animated(SET, x, 0), { ...SET, x: 7 });
  });

  it('go from one to the next, and stay at the first before and at the last after', () => {
    const linear = animation({
      x: [
        { atMs: 100, value: 10 },
        { atMs: 300, value: 30, easing: 'linear' },
        { atMs: 400, value: -30, easing: 'linear' },
      ],
    });
    const x = [0, 100, 150, 300, 350, 400, 9000].map((atMs) => animated(SET, linear, atMs).x);
    assert.deepEqual(x, [10, 10, 15, 30, 0, -30, -30]);
  });

  it('begin again where they repeat', () => {
    const frames = [
      { atMs: 0, value: 0 },
      { atMs: 200, value: 100, easing: 'linear' },
    ];
    const repeated = animation({ y: frames, repeat: true });
    assert.deepEqual(
      [50, 250, 450].map((atMs) => animated(SET, repeated, atMs).y),
      [25, 25, 25],
    );
  });

  it('ease as they say: slow at the beginning, at the end, at both, or not at all', () => {
    const quarter = (easing: string) => {
      const frames = [
        { atMs: 0, value: 0 },
        { atMs: 100, value: 1, easing },
      ];
      return animated(SET, animation({ opacity: frames }), 25).opacity;
    };
    assert.deepEqual(['linear', 'step'].map(quarter), [0.25, 0]);
    assert.ok(quarter('ease-in') < quarter('ease-in-out'));
    assert.ok(quarter('ease-in-out') < 0.25 && quarter('ease-out') > 0.5);
  });

  it('never go beyond their values, and never back between two of them', () => {
    const easings = ['linear', 'ease-in', 'ease-out', 'ease-in-out', 'step'];
    const times = fc.uniqueArray(fc.integer({ min: 0, max: 1000 }), { minLength: 2, maxLength: 2 });
    fc.assert(
      fc.property(fc.constantFrom(...easings), times, fc.integer(), (easing, between, end) => {
        const value = Math.max(-16_000, Math.min(16_000, end));
        const frames = [
          { atMs: 0, value: 0 },
          { atMs: 1000, value, easing },
        ];
        const [early = 0, late = 0] = between
          .toSorted((a, b) => a - b)
          .map((atMs) => Math.abs(animated(SET, animation({ x: frames }), atMs).x));
        assert.ok(early >= 0 && early <= late && late <= Math.abs(value));
      }),
    );
  });

  it('are refused where a time does not come after the one before', () => {
    const frames = [
      { atMs: 10, value: 0 },
      { atMs: 10, value: 1 },
    ];
    assert.throws(() => animation({ x: frames }), /a later time than that of the one before/);
  });
});
