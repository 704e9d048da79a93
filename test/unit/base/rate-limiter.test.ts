import assert from 'node:assert/strict';
import sinon from 'sinon';
import { RateLimiter } from '../../../src/base/rate-limiter.js';

describe('the rate limiter', () => {
  it('lets a burst pass, then a fixed rate, and counts the rest', () => {
    const clock = sinon.useFakeTimers({ toFake: ['performance'] });
    try {
      const limiter = new RateLimiter({ burst: 3, perSecond: 2 });
      const passed = (tries: number) =>
        Array.from({ length: tries }, () => limiter.take()).filter(Boolean).length;

      assert.equal(passed(10), 3);
      clock.tick(1000);
      assert.equal(passed(10), 2);
      assert.equal(limiter.takeRefused(), 15);
      assert.equal(limiter.takeRefused(), 0);
      clock.tick(60_000);
      assert.equal(passed(10), 3);
    } finally {
      clock.restore();
    }
  });

  it('says how long to wait for what has passed before it might', () => {
    const clock = sinon.useFakeTimers({ toFake: ['performance'] });
    try {
      const limiter = new RateLimiter({ burst: 100, perSecond: 1000 });
      assert.deepEqual([limiter.spend(60), limiter.spend(40), limiter.spend(50)], [0, 0, 50]);
      clock.tick(30);
      assert.equal(limiter.spend(10), 30);
      assert.equal(limiter.take(), false);
      clock.tick(60_000);
      assert.equal(limiter.spend(100), 0);
    } finally {
      clock.restore();
    }
  });
});
