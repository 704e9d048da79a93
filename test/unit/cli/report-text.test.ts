import assert from 'node:assert/strict';
import { isWorthShowing, reportText } from '../../../src/cli/report/report-text.js';
import type { BroadcastReport, OutputReport } from '../../../src/protocol/report.js';
import { IDLE_STATUS } from '../../support/idle-status.js';

const OUTPUT: OutputReport = {
  ...{ id: 'a', url: 'rtmp://a/***', state: 'stopped', liveMs: 3_600_000, sessions: 2, reconnects: 1 },
  ...{ bytesSent: 2_700_000_000, framesSent: 108_000, droppedFrames: 12, meanKbps: 6000, lowestKbps: 2400 },
  dropped: { disposable: 8, inter: 3, keyframes: 1 },
  gaps: { count: 2, totalMs: 5300, longestMs: 4100 },
};

const REPORT: BroadcastReport = {
  ...{ version: '1.0.0', startedAtMs: 0, endedAtMs: 3_605_000, durationMs: 3_605_000 },
  timeline: IDLE_STATUS.timeline,
  outputs: [OUTPUT],
  parts: [
    { part: 'encoder', restarts: 2 },
    { part: 'plugins', plugins: ['me.chat'], restarts: 1 },
    { part: 'recorder', restarts: 0 },
  ],
  recordings: [],
};

const textOf = (report: BroadcastReport) => reportText({ report }).map(({ text }) => text);

describe('the text of a report', () => {
  it('has a line for each output, with what viewers missed', () => {
    assert.deepEqual(textOf(REPORT), [
      'On air for 1:00:05; restarted: encoder 2 times; me.chat 1 time',
      '  a  live 1:00:00, 2.70 GB, 6000 kbit/s, lowest 2400, 12 frames dropped (8 B, 3 P, 1 keyframe), ' +
        '1 reconnect, 2 gaps of 5.3 s in all, the longest 4.1 s',
    ]);
  });

  it('says of an output why it was never live', () => {
    const error = { code: 'output.refused', message: 'the server refused the key' } as const;
    const { lowestKbps: _, ...rest } = OUTPUT;
    const outputs = [{ ...rest, liveMs: 0, error }];
    const report = { ...REPORT, outputs, parts: [] };
    assert.deepEqual(textOf(report), [
      'On air for 1:00:05; nothing was restarted',
      '  a  was never live: the server refused the key',
    ]);
    assert.equal(isWorthShowing(report), false);
  });

  it('names the recordings', () => {
    const recording = { state: 'stopped', recordedMs: 61_000, writtenBytes: 5_000_000, lostMs: 0 } as const;
    const recordings = [
      { ...recording, files: ['/v/one.mkv'] },
      { ...recording, files: ['/v/a.mkv', '/v/b.mkv'], lostMs: 1500 },
    ];
    const lines = textOf({ ...REPORT, outputs: [], parts: [], recordings });
    assert.deepEqual(lines.slice(1), [
      '  recorded  /v/one.mkv, 0:01:01, 5.0 MB',
      '  recorded  2 files, the last /v/b.mkv, 0:01:01, 5.0 MB, 1.5 s lost',
    ]);
  });
});
