import assert from 'node:assert/strict';
import { OutputMeter } from '../../../../src/core/broadcast/outputs/statistics/output-meter.js';

describe('OutputMeter', () => {
  it('measures what is sent over the last second', () => {
    const meter = new OutputMeter();
    meter.measure({ framesSent: 0, bytesSent: 0 }, 0);
    meter.measure({ framesSent: 30, bytesSent: 125_000 }, 1000);
    assert.deepEqual(meter.statistics(1000), { fps: 30, bitrateKbps: 1000, liveMs: 0 });
    meter.measure({ framesSent: 45, bytesSent: 125_000 }, 2500);
    assert.deepEqual(meter.statistics(2500), { fps: 10, bitrateKbps: 0, liveMs: 0 });
  });

  it('adds up how long it was live', () => {
    const meter = new OutputMeter();
    meter.setLive(true, 1000);
    meter.setLive(true, 1500);
    meter.setLive(false, 3000);
    meter.setLive(false, 4000);
    meter.setLive(true, 10_000);
    assert.equal(meter.statistics(10_500).liveMs, 2500);
  });

  it('has the lowest five seconds in which it was live throughout', () => {
    const meter = new OutputMeter();
    let bytesSent = 0;
    let nowMs = 0;
    const second = (kbps: number) => {
      nowMs += 1000;
      bytesSent += (kbps * 1000) / 8;
      meter.measure({ framesSent: 0, bytesSent }, nowMs);
    };
    meter.measure({ framesSent: 0, bytesSent }, nowMs);
    for (const kbps of [0, 0, 0, 0, 0, 0]) second(kbps);
    meter.setLive(true, nowMs);
    for (const kbps of [4000, 2000, 4000, 2000]) second(kbps);
    assert.equal(meter.lowestKbps, undefined);
    second(3000);
    assert.equal(meter.lowestKbps, 3000);
    for (const kbps of [1000, 1000]) second(kbps);
    assert.equal(meter.lowestKbps, 2200);
    meter.setLive(false, nowMs);
    for (const kbps of [0, 0, 0, 0, 0, 0]) second(kbps);
    assert.equal(meter.lowestKbps, 2200);
  });
});
