import assert from 'node:assert/strict';
import fc from 'fast-check';
import { PaceLadder, type PaceStep } from '../../../../src/encoder/tracks/pace-ladder.js';
import { FakeClock } from '../../../support/fake-clock.js';

const PRESETS = ['superfast', 'ultrafast'];
const FPS = 30;

describe('PaceLadder', () => {
  let clock: FakeClock;
  let ladder: PaceLadder;

  beforeEach(() => {
    clock = new FakeClock();
    ladder = new PaceLadder(PRESETS);
  });
  afterEach(() => clock.restore());

  /** The steps of this many seconds, with the second of each. */
  function pass(
    seconds: number,
    skipped: number,
    load: number | undefined,
  ): [second: number, step: PaceStep][] {
    const steps: [number, PaceStep][] = [];
    for (let second = 1; second <= seconds; second++) {
      clock.tick(1000);
      const step = ladder.take({ slots: FPS, skipped, load });
      if (step !== undefined) steps.push([second, step]);
    }
    return steps;
  }
  const reductions = (steps: readonly [number, PaceStep][]) => steps.map(([, { reduction }]) => reduction);

  it('goes to faster presets and then to half the frame rate, some seconds apart', () => {
    const steps = pass(60, 4, 1);
    assert.deepEqual(reductions(steps), [
      { preset: 'superfast', stride: 1 },
      { preset: 'ultrafast', stride: 1 },
      { preset: 'ultrafast', stride: 2 },
    ]);
    for (const [index, [second]] of steps.entries()) {
      const before = steps[index - 1]?.[0] ?? 0;
      assert.ok(second - before >= 6 && second - before <= 9, `${second} after ${before}`);
    }
    assert.equal(ladder.isExhausted, true);
  });

  it('takes two steps at once where a third is left out', () => {
    assert.deepEqual(reductions(pass(10, 12, 1)), [{ preset: 'ultrafast', stride: 1 }]);
  });

  it('halves the frame rate at once where there is no faster preset', () => {
    ladder = new PaceLadder([]);
    assert.deepEqual(reductions(pass(10, 4, 1)), [{ stride: 2 }]);
  });

  it('does nothing about moments', () => {
    for (let i = 0; i < 20; i++) assert.deepEqual([...pass(2, 10, 1), ...pass(3, 0, 0.9)], []);
  });

  it('goes up again where there is headroom for half a minute, one step after the other', () => {
    pass(60, 4, 1);
    assert.deepEqual(pass(300, 0, 0.7), [], 'there is none');
    assert.equal(ladder.isExhausted, false);
    const steps = pass(200, 0, 0.2);
    assert.deepEqual(reductions(steps), [
      { preset: 'ultrafast', stride: 1 },
      { preset: 'superfast', stride: 1 },
      { stride: 1 },
    ]);
    assert.ok(steps.every(([second], index) => second - (steps[index - 1]?.[0] ?? 0) >= 30));
  });

  it('waits twice as long after each step up that was too much', () => {
    pass(8, 4, 1);
    let before = 0;
    for (let i = 0; i < 3; i++) {
      let seconds = 1;
      while (seconds < 600 && pass(1, 0, 0.3)[0]?.[1].direction !== 'up') seconds += 1;
      assert.ok(seconds >= before * 1.7 && seconds < 600, `${seconds} s after ${before}`);
      before = seconds;
      assert.equal(pass(8, 4, 1)[0]?.[1].direction, 'down');
    }
  });

  it('waits longer where the load is not known', () => {
    pass(8, 4, 1);
    const [up] = pass(100, 0, undefined);
    assert.ok(up !== undefined && up[0] >= 60 && up[0] <= 70);
  });

  it('is where it was when a step could not be made', () => {
    const [step] = pass(10, 20, 1);
    assert.deepEqual(step?.[1].reduction, { preset: 'ultrafast', stride: 1 });
    ladder.undo();
    assert.deepEqual(reductions(pass(8, 4, 1)), [{ preset: 'superfast', stride: 1 }]);
  });

  it('steps no more often than each seven seconds, whatever is measured', () => {
    const sample = fc.record({
      slots: fc.constantFrom(0, FPS),
      skipped: fc.integer({ min: 0, max: FPS }),
      load: fc.option(fc.double({ min: 0, max: 1, noNaN: true }), { nil: undefined }),
    });
    fc.assert(
      fc.property(fc.array(sample, { maxLength: 200 }), (samples) => {
        const tested = new PaceLadder(PRESETS);
        let last = Number.NEGATIVE_INFINITY;
        for (const [second, taken] of samples.entries()) {
          clock.tick(1000);
          if (tested.take(taken) === undefined) continue;
          assert.ok(second - last >= 6, `${second} after ${last}`);
          last = second;
        }
      }),
    );
  });
});
