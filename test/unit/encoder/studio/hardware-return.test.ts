import assert from 'node:assert/strict';
import { HardwareReturn } from '../../../../src/encoder/tracks/hardware-return.js';
import { FakeClock } from '../../../support/fake-clock.js';

describe('HardwareReturn', () => {
  let clock: FakeClock;
  beforeEach(() => {
    clock = new FakeClock();
  });
  afterEach(() => clock.restore());

  it('tries after 30 s, then at intervals that double, until it works', async () => {
    const attempts: number[] = [];
    let works = false;
    const hardware = new HardwareReturn(async () => {
      attempts.push(Math.round(performance.now() / 1000));
      if (!works) throw new Error('no device');
    });
    hardware.begin();
    await clock.pass(100_000, 500);
    assert.equal(attempts.length, 2);
    works = true;
    await clock.pass(1_000_000, 10_000);
    assert.equal(attempts.length, 3);
    const [first = 0, second = 0, third = 0] = attempts;
    assert.deepEqual([second - first, third - second], [60, 120]);
    hardware.dispose();
    hardware.begin();
    assert.equal(clock.pending, 0);
  });
});
