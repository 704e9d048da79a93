import assert from 'node:assert/strict';
import { latencyLines } from '../../../src/cli/latency/latency.js';
import { LatencyMeter } from '../../../src/cli/latency/latency-meter.js';
import { withPrecisionTimestamp } from '../../../src/media/precision-timestamp.js';
import { avcFrame } from '../../support/flv.js';

const frame = (takenMs: number) => withPrecisionTimestamp(avcFrame('interframe', 1), takenMs);
const START_MS = 1_800_000_000_000;

describe('LatencyMeter', () => {
  it('leaves out what the server had kept, and repeated frames', () => {
    const meter = new LatencyMeter();
    meter.push(frame(START_MS - 5000), START_MS);
    assert.equal(meter.firstAtMs, START_MS);
    assert.equal(meter.latency, undefined);
    for (let n = 0; n < 100; n++) {
      const now = START_MS + 1000 + n * 10;
      meter.push(frame(now - 100 - n), now);
    }
    meter.push(frame(START_MS + 1990 - 199), START_MS + 9000);
    assert.deepEqual(meter.latency, { frames: 100, leastMs: 100, medianMs: 149, p95Ms: 194, mostMs: 199 });
  });

  it('says when the clocks differ', () => {
    const latency = { frames: 3, leastMs: -40, medianMs: 1, p95Ms: 2, mostMs: 3 };
    assert.match(latencyLines(latency).join('\n'), /clock is behind/);
    assert.doesNotMatch(latencyLines({ ...latency, leastMs: 1 }).join('\n'), /clock/);
  });
});
