import assert from 'node:assert/strict';
import fc from 'fast-check';
import { FeedbackWatch } from '../../../../src/relay/whip/feedback-watch.js';
import { compactNtp, parseFeedback, roundTripMs, senderReport } from '../../../../src/relay/whip/rtcp.js';

/** A receiver's report of one track. */
function receiverReport(lost: number, lastReport: number, delay: number): Buffer {
  const report = Buffer.alloc(32);
  report.set([0x81, 201, 0, 7]);
  report.writeUInt32BE(7, 8);
  report[12] = Math.round(lost * 256);
  report.writeUInt32BE(lastReport, 24);
  report.writeUInt32BE(delay, 28);
  return report;
}

const KEYFRAME_REQUEST = Buffer.from([0x81, 206, 0, 2, 0, 0, 0, 1, 0, 0, 0, 7]);
const WALL_MS = Date.UTC(2026, 11, 1, 2, 3, 4, 500);

describe('reports of RTP', () => {
  it('say the same moment by the wall clock and by the track’s', () => {
    const report = senderReport({
      ...{ ssrc: 7, wallMs: WALL_MS, timestamp: 90_000, packets: 12, bytes: 3456, name: 'bulkhead' },
    });
    assert.deepEqual([...report.subarray(0, 4)], [0x80, 200, 0, 6]);
    assert.equal(report.readUInt32BE(8), Math.floor(WALL_MS / 1000) + 2_208_988_800);
    assert.equal(report.readUInt32BE(12), 2 ** 31);
    assert.equal(report.readUInt32BE(10), compactNtp(WALL_MS));
    assert.deepEqual(
      [16, 20, 24].map((at) => report.readUInt32BE(at)),
      [90_000, 12, 3456],
    );
    const description = report.subarray(28);
    assert.equal((description.readUInt16BE(2) + 1) * 4, description.length);
    assert.equal(description.toString('latin1', 10, 18), 'bulkhead');
    assert.equal(description.at(18), 0);
  });

  it('tell the round trip from what a receiver repeats, also across the wrap of its clock', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 2 ** 42 }),
        fc.integer({ min: 0, max: 5000 }),
        fc.integer({ min: 0, max: 9000 }),
        (sentMs, tripMs, heldMs) => {
          const report = parseFeedback(
            receiverReport(0, compactNtp(sentMs), Math.round((heldMs * 65_536) / 1000)),
          ).reports[0];
          assert.ok(report);
          // 0 stands for none.
          fc.pre(report.lastReport !== 0);
          const found = roundTripMs(report, sentMs + heldMs + tripMs);
          if (tripMs > 1) assert.ok(found !== undefined && Math.abs(found - tripMs) < 1, String(found));
        },
      ),
    );
  });

  it('may be anything', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const { reports } = parseFeedback(Buffer.from(bytes));
        assert.ok(reports.length <= bytes.length);
      }),
    );
  });

  it('are missed once a server that has reported is silent for long, by its own pace', () => {
    const watch = new FeedbackWatch();
    assert.equal(watch.isSilent(1e9), false);
    for (let ms = 0; ms <= 10_000; ms += 1000) watch.take(receiverReport(0.5, 0, 0), ms, WALL_MS);
    assert.equal(watch.isSilent(14_000), false);
    assert.equal(watch.isSilent(15_001), true);
    for (let ms = 14_000; ms <= 30_000; ms += 4000) watch.take(receiverReport(0, 0, 0), ms, WALL_MS);
    assert.equal(watch.isSilent(44_000), false);
    assert.equal(watch.isSilent(45_001), true);
  });

  it('are worth a line where packets are lost, or a keyframe is asked for', () => {
    const watch = new FeedbackWatch();
    watch.take(Buffer.concat([receiverReport(0.25, 0, 0), KEYFRAME_REQUEST]), 0, WALL_MS);
    assert.deepEqual(watch.news(), [
      '25 % of the packets were lost',
      'the server asks for a keyframe; the next one comes with the next GOP',
    ]);
    assert.deepEqual(watch.news(), []);
  });
});
