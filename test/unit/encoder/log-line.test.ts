import assert from 'node:assert/strict';
import { isFailure, parseLogLine } from '../../../src/encoder/log-line.js';

describe('parseLogLine', () => {
  const cases: [string, ReturnType<typeof parseLogLine>][] = [
    ["[fatal] Unknown encoder 'x'", { level: 'fatal', source: '', text: "Unknown encoder 'x'" }],
    [
      '[mov,mp4,m4a,3gp,3g2,mj2 @ 0x557b6f105980] [error] moov atom not found',
      { level: 'error', source: 'mov,mp4,m4a,3gp,3g2,mj2', text: 'moov atom not found' },
    ],
    ['[in#0 @ 0x1] [demuxer @ 0x2] [warning] odd', { level: 'warning', source: 'demuxer', text: 'odd' }],
    ['[info]   Duration: N/A', { level: 'info', source: '', text: '  Duration: N/A' }],
    [
      "x264 [error]: invalid preset 'bogus'",
      { level: 'error', source: '', text: "x264 [error]: invalid preset 'bogus'" },
    ],
    ['setpriv: something', { level: 'info', source: '', text: 'setpriv: something' }],
  ];
  for (const [line, expected] of cases) {
    it(line, () => assert.deepEqual(parseLogLine(line), expected));
  }

  it('identifies failures', () => {
    assert.equal(isFailure(parseLogLine('[error] x')), true);
    assert.equal(isFailure(parseLogLine('[warning] x')), false);
  });
});
