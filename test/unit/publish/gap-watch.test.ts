import assert from 'node:assert/strict';
import { GapWatch } from '../../../src/core/publish/queue/gap-watch.js';

describe('GapWatch', () => {
  it('notes times of a second or more in which nothing is sent', () => {
    const watch = new GapWatch();
    watch.sent(0);
    watch.begin(5000);
    for (const ms of [5500, 6400, 8900, 9000, 12_500]) watch.sent(ms);
    assert.deepEqual(watch.gaps(12_600), { count: 2, totalMs: 6000, longestMs: 3500 });
  });

  it('has the gap that lasts at present', () => {
    const watch = new GapWatch();
    watch.begin(0);
    assert.deepEqual(watch.gaps(999), { count: 0, totalMs: 0, longestMs: 0 });
    assert.deepEqual(watch.gaps(4000), { count: 1, totalMs: 4000, longestMs: 4000 });
    watch.sent(6000);
    assert.deepEqual(watch.gaps(6100), { count: 1, totalMs: 6000, longestMs: 6000 });
  });

  it('has none before the output was live, and after its end', () => {
    const watch = new GapWatch();
    assert.equal(watch.gaps(9000).count, 0);
    watch.begin(10_000);
    watch.end(10_500);
    assert.deepEqual(watch.gaps(60_000), { count: 0, totalMs: 0, longestMs: 0 });
  });

  it('goes on through another session', () => {
    const watch = new GapWatch();
    watch.begin(0);
    watch.begin(3000);
    watch.sent(3000);
    assert.deepEqual(watch.gaps(3100), { count: 1, totalMs: 3000, longestMs: 3000 });
  });
});
