import assert from 'node:assert/strict';
import { Terminal } from '../../../../src/cli/live/terminal.js';

describe('the terminal', () => {
  it('is 80 columns wide where that is not known', () => {
    const width = (columns?: number) => new Terminal({ write: () => true, isTTY: true, columns }).width;
    assert.equal(width(120), 119);
    assert.equal(width(0), 79);
    assert.equal(width(), 79);
  });
});
