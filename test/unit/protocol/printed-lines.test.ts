import assert from 'node:assert/strict';
import { markLines, readMark } from '../../../src/protocol/printed-lines.js';

describe('a printed line', () => {
  it('keeps its level', () => {
    for (const level of ['error', 'warn', 'debug'] as const)
      assert.deepEqual(readMark(markLines(level, 'text')), { level, message: 'text' });
  });

  it('is info without a mark, or with another', () => {
    for (const line of ['text', '', '<', '<1>text', '<33>text', ' <3>text'])
      assert.deepEqual(readMark(line), { level: 'info', message: line });
  });

  it('is marked in each line of a text, if there is anything on it', () => {
    assert.equal(markLines('error', 'Error: x\n    at y\n\nend'), '<3>Error: x\n<3>    at y\n\n<3>end');
    assert.equal(markLines('warn', ''), '');
  });
});
