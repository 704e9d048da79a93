import assert from 'node:assert/strict';
import fc from 'fast-check';
import { Backoff } from '../../../src/base/backoff.js';
import { CORE_RESTARTS } from '../../../src/cli/live/owned-broadcast.js';
import { KEY_IN_USE_CAP_MS, RECONNECTING } from '../../../src/core/publish/published-output.js';

const DOUBLING = { baseMs: 100, capMs: 1000, jitter: 0.5 };

/** Times of the attempts after the loss of a session, each failing immediately, ms. */
function tries(untilMs: number, random: () => number, capMs?: number): number[] {
  const backoff = new Backoff(RECONNECTING, random);
  const times: number[] = [];
  for (let now = 0; now < untilMs; ) {
    now += backoff.next(now, capMs);
    times.push(now);
  }
  return times;
}

/** The longest time from a moment in the range until the next attempt. */
function longestWait(times: readonly number[], fromMs: number, toMs: number): number {
  const gaps = times.slice(1).map((at, i) => ({ at, gap: at - (times[i] ?? 0) }));
  return Math.max(...gaps.filter(({ at }) => at >= fromMs && at <= toMs).map(({ gap }) => gap));
}

describe('Backoff', () => {
  describe('that doubles', () => {
    it('is 0, then grows to the cap, within its jitter', () => {
      const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
      fc.assert(
        fc.property(random, (value) => {
          const backoff = new Backoff(DOUBLING, () => value);
          assert.equal(backoff.next(), 0);
          for (const full of [100, 200, 400, 800, 1000, 1000]) {
            const delay = backoff.next();
            assert.ok(delay >= full / 2 && delay <= full, `${delay} of ${full}`);
          }
          backoff.reset();
          assert.equal(backoff.next(), 0);
        }),
      );
    });

    it('stays at the cap however often it is asked', () => {
      const backoff = new Backoff(DOUBLING, () => 0);
      for (let tries = 0; tries < 5000; tries++) backoff.next();
      assert.equal(backoff.next(), 1000);
    });
  });

  describe('of an output', () => {
    for (const random of [() => 0, () => 0.5, () => 1]) {
      it(`tries immediately, soon, and then with long delays (${random()})`, () => {
        const times = tries(600_000, random);
        assert.equal(times[0], 0);
        assert.ok(longestWait(times, 0, 1000) <= 200);
        assert.ok(longestWait(times, 4000, 6500) <= 1300);
        assert.ok(longestWait(times, 0, 600_000) <= 15_000);
        assert.ok(times.length < 120, `${times.length} tries in ten minutes`);
      });
    }

    it('retries within 5 s for a key that a server may hold for 150 s', () => {
      const times = tries(200_000, () => 0, KEY_IN_USE_CAP_MS);
      assert.ok(longestWait(times, 0, 200_000) <= 5000);
    });

    it('continues with the last delay if a session did not last', () => {
      const backoff = new Backoff(RECONNECTING, () => 0);
      backoff.next(0);
      assert.equal(backoff.next(10_000), 2000);
      assert.equal(backoff.next(20_000), 4000);
      backoff.reset();
      assert.equal(backoff.next(30_000), 0);
      assert.equal(backoff.next(30_000), 100);
    });
  });

  it('of a core is 0 for the first crash, then grows to ten seconds', () => {
    const backoff = new Backoff(CORE_RESTARTS);
    assert.deepEqual(
      Array.from({ length: 8 }, () => backoff.next()),
      [0, 500, 1000, 2000, 4000, 8000, 10_000, 10_000],
    );
  });
});
