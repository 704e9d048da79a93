import assert from 'node:assert/strict';
import fc from 'fast-check';
import { Backoff } from '../../../src/core/processes/backoff.js';
import { CrashWindow } from '../../../src/core/processes/crash-window.js';

describe('Backoff', () => {
  it('is nothing, then grows to the cap, within its jitter', () => {
    const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
    fc.assert(
      fc.property(random, (value) => {
        const backoff = new Backoff({ baseMs: 100, capMs: 1000 }, () => value);
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
    const backoff = new Backoff({ baseMs: 100, capMs: 1000 }, () => 0);
    for (let tries = 0; tries < 5000; tries++) backoff.next();
    assert.equal(backoff.next(), 1000);
  });
});

describe('CrashWindow', () => {
  it('tells when there are too many within the window', () => {
    const crashes = new CrashWindow(3, 1000);
    assert.deepEqual(
      [0, 500, 1000, 1499, 1500].map((atMs) => crashes.add(atMs)),
      [false, false, false, true, true],
    );
    crashes.clear();
    assert.equal(crashes.add(1600), false);
  });

  it('never tells without a limit', () => {
    const crashes = new CrashWindow(Number.POSITIVE_INFINITY, 1000);
    for (let crash = 0; crash < 100; crash++) assert.equal(crashes.add(0), false);
  });
});
