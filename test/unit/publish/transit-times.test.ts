import assert from 'node:assert/strict';
import { TransitHistogram, TransitTimes } from '../../../src/core/publish/queue/transit-times.js';

describe('TransitTimes', () => {
  it('gives all that were added, each once', () => {
    const times = new TransitTimes();
    for (const ms of [3, 1, 2]) times.add(ms);
    assert.deepEqual([times.take(), times.take()], [[3, 1, 2], []]);
  });

  it('keeps the latest 4096 where nobody takes them', () => {
    const times = new TransitTimes();
    for (let round = 0; round < 2; round++) {
      for (let ms = 1; ms <= 4098; ms++) times.add(ms);
      const taken = times.take();
      assert.deepEqual([taken.length, Math.min(...taken), Math.max(...taken)], [4096, 3, 4098]);
    }
  });
});

describe('TransitHistogram', () => {
  it('has the 99th percentile, in ms', () => {
    const histogram = new TransitHistogram();
    assert.equal(histogram.p99Ms, 0);
    histogram.record(Array.from({ length: 100 }, (_, n) => (n + 1) / 10));
    assert.ok(Math.abs(histogram.p99Ms - 9.9) < 0.02, String(histogram.p99Ms));
    const fast = new TransitHistogram();
    fast.record([0]);
    assert.equal(fast.p99Ms, 0.001);
  });
});
