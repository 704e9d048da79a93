import assert from 'node:assert/strict';
import {
  formatBitrate,
  formatDelay,
  formatFrameSize,
  formatInterruptions,
  formatQuality,
} from '../../../src/live-server/page/format.js';
import { FreezeMeter, MovingAverage, RateMeter } from '../../../src/live-server/page/meters.js';

describe('statistics of the viewer page', () => {
  it('keeps the longest time between two frames, and counts those that are noticed', () => {
    const meter = new FreezeMeter();
    for (const atMs of [5000, 5033, 5300, 5333]) meter.frame(atMs);
    assert.equal(meter.longestMs, 267);
    assert.equal(meter.count, 0);
    meter.frame(5800);
    assert.deepEqual([meter.count, meter.longestMs], [1, 467]);
  });

  it('counts no freeze across an interruption that the viewer made', () => {
    const meter = new FreezeMeter();
    meter.frame(0);
    meter.frame(33);
    meter.interrupt();
    meter.frame(60_000);
    meter.frame(60_033);
    assert.equal(meter.longestMs, 33);
  });

  it('averages the last values only', () => {
    const average = new MovingAverage(2);
    assert.equal(average.value, 0);
    for (const value of [100, 1, 3]) average.add(value);
    assert.equal(average.value, 2);
    average.clear();
    assert.equal(average.value, 0);
  });

  it('measures a rate over each window, and anew when the counter starts anew', () => {
    const meter = new RateMeter(2000);
    meter.observe(0, 0);
    meter.observe(500, 15);
    meter.observe(1500, 45);
    assert.equal(meter.rate, 0);
    meter.observe(2500, 75);
    assert.equal(meter.rate, 30);
    meter.observe(3000, 1);
    assert.equal(meter.rate, 0);
    meter.observe(5000, 51);
    assert.equal(meter.rate, 25);
  });

  it('writes numbers for people', () => {
    assert.deepEqual([formatDelay(undefined), formatDelay(0.345)], ['–', '0.3 s']);
    assert.deepEqual(
      [
        formatInterruptions({ hasBegun: false, count: 0, longestMs: 0 }),
        formatInterruptions({ hasBegun: true, count: 0, longestMs: 217 }),
        formatInterruptions({ hasBegun: true, count: 2, longestMs: 1340 }),
      ],
      ['–', 'none', '2, the longest 1.3 s'],
    );
    assert.deepEqual(
      [formatBitrate(0), formatBitrate(812.4), formatBitrate(2660)],
      ['–', '812 kbit/s', '2.7 Mbit/s'],
    );
    assert.deepEqual(
      [formatQuality(0, 0, 0), formatQuality(1280, 720, 0), formatQuality(720, 1280, 29.97)],
      ['–', '720p', '720p · 30 fps'],
    );
    assert.deepEqual([formatFrameSize(0, 0), formatFrameSize(1280, 720)], ['–', '1280 × 720']);
  });
});
