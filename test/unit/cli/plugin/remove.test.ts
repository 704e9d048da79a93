import assert from 'node:assert/strict';
import { remove } from '../../../../src/cli/plugin/commands/remove.js';
import { Printer } from '../../../../src/cli/terminal/printer.js';
import { ExitCodes } from '../../../../src/protocol/exit-codes.js';

describe('bulkhead plugin remove', () => {
  it('removes nothing when its question is interrupted', async () => {
    let printed = '';
    const sink = new Printer({ write: (text: string) => (printed += text) }, {});
    const context = {
      stdout: sink,
      stderr: sink,
      cwd: '/',
      env: {},
      platform: process.platform,
      signals: process,
      endSignals: [],
      corePath: '/',
      ask: async () => undefined,
    };

    assert.equal(await remove('p', { address: '/nowhere/core.sock' }, context), ExitCodes.interrupted);
    assert.equal(printed, '');
  });
});
