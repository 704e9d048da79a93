import assert from 'node:assert/strict';
import { Backoff } from '../../../src/core/publish/backoff.js';

/** Times of the tries from the loss of a session on, each failing at once, ms. */
function tries(untilMs: number, random: () => number, keyInUse = false): number[] {
  const backoff = new Backoff(random);
  const times: number[] = [];
  for (let now = 0; now < untilMs; ) {
    now += backoff.nextDelayMs(now, keyInUse);
    times.push(now);
  }
  return times;
}

/** The longest time from a moment in the range until the next try. */
function longestWait(times: readonly number[], fromMs: number, toMs: number): number {
  const gaps = times.slice(1).map((at, i) => ({ at, gap: at - (times[i] ?? 0) }));
  return Math.max(...gaps.filter(({ at }) => at >= fromMs && at <= toMs).map(({ gap }) => gap));
}

describe('Backoff', () => {
  for (const random of [() => 0, () => 0.5, () => 1]) {
    it(`tries at once, is there within what is promised, and then lets the server be (${random()})`, () => {
      const times = tries(600_000, random);
      assert.equal(times[0], 0);
      assert.ok(longestWait(times, 0, 1000) <= 200);
      assert.ok(longestWait(times, 4000, 6500) <= 1300);
      assert.ok(longestWait(times, 0, 600_000) <= 15_000);
      assert.ok(times.length < 120, `${times.length} tries in ten minutes`);
    });
  }

  it('comes back within 5 s for a key that a server may hold for 150 s', () => {
    const times = tries(200_000, () => 0, true);
    assert.ok(longestWait(times, 0, 200_000) <= 5000);
  });

  it('goes on where it was when a session did not last', () => {
    const backoff = new Backoff(() => 0);
    backoff.nextDelayMs(0);
    assert.equal(backoff.nextDelayMs(10_000), 2000);
    assert.equal(backoff.nextDelayMs(20_000), 4000);
    backoff.sustained();
    assert.equal(backoff.nextDelayMs(30_000), 0);
    assert.equal(backoff.nextDelayMs(30_000), 100);
  });
});
