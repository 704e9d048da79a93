import assert from 'node:assert/strict';
import fc from 'fast-check';
import { Patience } from '../../../src/core/publish/queue/patience.js';

const MOST_MS = 20_000;

describe('Patience', () => {
  let patience: { take(lateMs: number, stalledMs: number): number; interrupt(): number };
  let real: Patience;

  beforeEach(() => {
    real = new Patience(MOST_MS);
    // At one moment.
    patience = {
      take: (behindMs, stalled) => real.take({ behindMs }, stalled, 0),
      interrupt: () => real.interrupt(0),
    };
  });

  it('is none while something is taken, however late it is', () => {
    for (const lateMs of [0, 1000, 10_000]) assert.equal(patience.take(lateMs, 500), 0);
  });

  it('grows with an interruption, and not beyond its most', () => {
    assert.equal(patience.take(700, 700), 700);
    assert.equal(patience.take(9000, 9000), 9000);
    assert.equal(patience.take(25_000, 25_000), MOST_MS);
  });

  it('shrinks as what is late is caught up on, and does not grow again', () => {
    patience.take(10_000, 10_000);
    assert.equal(patience.take(8000, 0), 8000);
    assert.equal(patience.take(9000, 0), 8000);
    assert.equal(patience.take(600, 0), 600);
    assert.equal(patience.take(500, 0), 0);
    assert.equal(patience.take(5000, 0), 0);
  });

  it('grows by a second interruption before the first one is caught up on', () => {
    patience.take(10_000, 10_000);
    patience.take(6000, 0);
    assert.equal(patience.take(9000, 3000), 9000);
  });

  it('does not grow by the short ones of a slow network, whose socket is full again and again', () => {
    patience.take(1000, 1000);
    for (let n = 0; n < 20; n++) {
      assert.ok(patience.take(2000 + n * 500, 0) <= 1000);
      assert.ok(patience.take(2500 + n * 500, 1400) <= 1000);
    }
  });

  it('ends after four times an interruption where that is never caught up on', () => {
    assert.equal(real.take({ behindMs: 2000 }, 2000, 0), 2000);
    assert.equal(real.take({ behindMs: 2000 }, 0, 4000), 1000);
    assert.equal(real.take({ behindMs: 2000 }, 0, 6000), 500);
    assert.equal(real.take({ behindMs: 2000 }, 0, 9000), 0);
  });

  it('is all there is without a session, and ends like after an interruption', () => {
    assert.equal(patience.interrupt(), MOST_MS);
    assert.equal(patience.take(3000, 0), 3000);
  });

  it('drops nothing of an interruption, whatever was late before: it is never less than what came after it began', () => {
    const before = fc.array(fc.tuple(fc.nat(1500), fc.nat(600)), { maxLength: 20 });
    fc.assert(
      fc.property(before, fc.integer({ min: 700, max: MOST_MS }), (takes, stalledMs) => {
        const tried = new Patience(MOST_MS);
        for (const [behindMs, stalled] of takes) tried.take({ behindMs }, stalled);
        tried.take({ behindMs: 0 }, 0);
        assert.ok(tried.take({ behindMs: stalledMs }, stalledMs) >= stalledMs);
      }),
    );
  });
});
