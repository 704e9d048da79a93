import assert from 'node:assert/strict';
import { judgeUpload } from '../../../src/cli/output/judge-upload.js';
import { UploadMeter, type UploadSample } from '../../../src/core/publish/upload-test/upload-meter.js';

describe('the test of an upload', () => {
  /** What is measured where the server has so many kbit/s, second by second. */
  function measured(kbps: readonly number[], sample: Partial<UploadSample> = {}) {
    const meter = new UploadMeter(4000);
    let received = 0;
    for (let slot = 0; slot < kbps.length * 10; slot++) {
      const nowMs = 5000 + slot * 100;
      meter.take({
        nowMs,
        takenBytes: 2 * received,
        receivedBytes: received,
        lateMs: 0,
        stalledMs: 0,
        ...sample,
      });
      received += ((kbps[Math.floor(slot / 10)] ?? 0) * 100) / 8;
    }
    return meter.result();
  }

  it('measures what the server has, without the slow beginning', () => {
    const result = measured([500, 500, 3000, 3000, 3000, 3000]);
    assert.deepEqual([result?.carriedKbps, result?.lowestKbps, result?.isAcknowledged], [3000, 3000, true]);
  });

  it('finds the worst two seconds', () => {
    const result = measured([3000, 3000, 3000, 3000, 1000, 1000, 3000, 3000]);
    assert.equal(result?.lowestKbps, 1000);
  });

  it('counts what the system has taken where the server does not say what it has', () => {
    const result = measured([3000, 3000, 3000, 3000, 3000], { receivedBytes: undefined });
    assert.deepEqual([result?.carriedKbps, result?.isAcknowledged], [6000, false]);
  });

  it('knows nothing after a moment', () => assert.equal(measured([3000, 3000, 3000]), undefined));

  const upload = { triedKbps: 5000, longestStallMs: 0, lateMs: 0, isAcknowledged: true };
  for (const [what, carriedKbps, lowestKbps, verdict, recommendedKbps] of [
    ['all that was tried', 4990, 4800, 'good', 3840],
    ['a little more than is needed', 4200, 4100, 'tight', 3200],
    ['less than is needed', 2000, 1900, 'too-slow', 1400],
    ['next to nothing', 100, 50, 'too-slow', 0],
    ['enough, with a hole', 4990, 1000, 'unsteady', 3840],
  ] as const) {
    it(`says what it means to carry ${what}`, () => {
      const judged = judgeUpload({ ...upload, carriedKbps, lowestKbps }, 4000, 160);
      assert.deepEqual([judged.verdict, judged.recommendedKbps], [verdict, recommendedKbps]);
    });
  }

  it('says that a stall is not steady, and that unacknowledged data may not have arrived', () => {
    const judged = judgeUpload(
      { ...upload, carriedKbps: 4990, lowestKbps: 4900, longestStallMs: 1600, isAcknowledged: false },
      4000,
      160,
    );
    assert.equal(judged.verdict, 'unsteady');
    assert.match(judged.message, /nothing for 1\.6 s/);
    assert.match(judged.message, /does not say what it has received/);
  });
});
