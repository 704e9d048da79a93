import assert from 'node:assert/strict';
import type { Reduction } from '../../../../src/encoder/tracks/encoding.js';
import { PaceKeeper } from '../../../../src/encoder/tracks/pace-keeper.js';
import { BulkheadError, ErrorCodes } from '../../../../src/protocol/errors.js';
import { FakeClock } from '../../../support/fake-clock.js';

describe('PaceKeeper', () => {
  let clock: FakeClock;
  let video: { dueSlots: number; skippedSlots: number; busyMs: number };
  let reduced: Reduction[];
  let failure: BulkheadError | undefined;
  let events: string[];
  let keeper: PaceKeeper;

  beforeEach(() => {
    clock = new FakeClock();
    video = { dueSlots: 0, skippedSlots: 0, busyMs: 0 };
    reduced = [];
    failure = undefined;
    events = [];
    const encoders = {
      ...{ video, fasterPresets: ['ultrafast'], measuresLoad: true },
      reduce: async (reduction: Reduction) => {
        if (failure !== undefined) throw failure;
        reduced.push(reduction);
      },
    };
    keeper = new PaceKeeper(encoders, {
      onStep: ({ direction }) => events.push(direction),
      onExhausted: () => events.push('exhausted'),
      onFailure: ({ code }) => events.push(code),
    });
  });
  afterEach(() => clock.restore());

  async function pass(seconds: number, skipped: number, load: number): Promise<void> {
    for (let second = 0; second < seconds; second++) {
      video.dueSlots += 30;
      video.skippedSlots += skipped;
      video.busyMs += load * 1000;
      await clock.pass(1000, 1000);
      keeper.check();
    }
    await clock.settle();
  }

  it('steps down while slots are left out, says so when nothing is left to do, and steps up with headroom', async () => {
    await pass(60, 6, 1);
    assert.deepEqual(reduced, [
      { preset: 'ultrafast', stride: 1 },
      { preset: 'ultrafast', stride: 2 },
    ]);
    assert.deepEqual(events, ['down', 'down', 'exhausted']);
    await pass(200, 0, 0.1);
    assert.deepEqual(events.slice(3), ['up', 'up']);
    assert.deepEqual(reduced.at(-1), { stride: 1 });
  });

  it('tries a step that failed again', async () => {
    failure = new BulkheadError(ErrorCodes.encoderSilent, 'nothing in time');
    await pass(8, 6, 1);
    assert.deepEqual(events, ['encoder.silent']);
    failure = undefined;
    await pass(8, 6, 1);
    assert.deepEqual(reduced, [{ preset: 'ultrafast', stride: 1 }]);
  });

  it('makes no step while the settings are changed, and begins anew afterwards', async () => {
    await pass(9, 6, 1);
    assert.equal(reduced.length, 1);
    let done = () => {};
    const changing = keeper.during(
      () =>
        new Promise((resolve) => {
          done = resolve;
        }),
    );
    await pass(20, 6, 1);
    assert.equal(reduced.length, 1);
    done();
    await changing;
    await pass(8, 6, 1);
    assert.deepEqual(reduced.slice(1), [{ preset: 'ultrafast', stride: 1 }]);
    await assert.rejects(keeper.during(() => Promise.reject(new Error('it does not work'))));
    await pass(8, 6, 1);
    assert.deepEqual(reduced.slice(2), [{ preset: 'ultrafast', stride: 2 }], 'nothing has changed');
  });
});
