import assert from 'node:assert/strict';
import sinon from 'sinon';
import { logLine, readableLine } from '../../../src/core/log/log-line.js';

describe('logLine', () => {
  const time = '2026-01-02T03:04:05.678Z';
  let clock: sinon.SinonFakeTimers;

  beforeEach(() => {
    clock = sinon.useFakeTimers({ now: Date.parse(time), toFake: ['Date'] });
  });

  afterEach(() => clock.restore());

  it('is JSON on one line: level, time, details, message', () => {
    assert.equal(
      logLine('info', 'core "x"\nruns', { pid: 7, modes: ['attach'] }),
      `{"level":30,"time":"${time}","pid":7,"modes":["attach"],"msg":"core \\"x\\"\\nruns"}\n`,
    );
    assert.equal(logLine('error', 'lost'), `{"level":50,"time":"${time}","msg":"lost"}\n`);
  });

  it('does not let details override level, time and message', () => {
    assert.equal(
      logLine('debug', 'mine', { level: 50, time: 'never', msg: 'theirs', more: 1 }),
      `{"level":20,"time":"${time}","msg":"mine","more":1}\n`,
    );
  });
});

describe('readableLine', () => {
  const json = (line: object) => `${JSON.stringify({ time: '2026-01-02T03:04:05.678Z', ...line })}\n`;

  it('shows time, level, message and details', () => {
    assert.match(
      readableLine(json({ level: 30, pid: 7, mode: 'attach', msg: 'core runs' })),
      /^\d\d:\d\d:05 info {2}core runs {2}pid=7 {2}mode=attach\n$/,
    );
    assert.match(
      readableLine(json({ level: 40, list: [1], msg: 'careful' })),
      / warn {2}careful {2}list=\[1\]\n$/,
    );
  });

  it('removes terminal control sequences', () => {
    const line = readableLine(json({ level: 50, msg: 'a\x1b[2Jb\r\nc', why: '\x1b]0;title\x07' }));
    assert.match(line, / error ab c {2}why=/);
    assert.doesNotMatch(line.slice(0, -1), /\p{Cc}/u);
  });
});
