import assert from 'node:assert/strict';
import { readableLine } from '../../../src/core/log/readable-line.js';

describe('readableLine', () => {
  const json = (line: object) => `${JSON.stringify({ time: '2026-01-02T03:04:05.678Z', ...line })}\n`;

  it('has the time, the level, the message and the details', () => {
    assert.match(
      readableLine(json({ level: 30, pid: 7, mode: 'attach', msg: 'core runs' })),
      /^\d\d:\d\d:05 info {2}core runs {2}pid=7 {2}mode=attach\n$/,
    );
    assert.match(
      readableLine(json({ level: 40, list: [1], msg: 'careful' })),
      / warn {2}careful {2}list=\[1\]\n$/,
    );
  });

  it('leaves nothing that a terminal would obey', () => {
    const line = readableLine(json({ level: 50, msg: 'a\x1b[2Jb\r\nc', why: '\x1b]0;title\x07' }));
    assert.match(line, / error ab c {2}why=/);
    assert.doesNotMatch(line.slice(0, -1), /\p{Cc}/u);
  });
});
