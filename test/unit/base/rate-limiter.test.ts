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
});
