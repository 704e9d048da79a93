import assert from 'node:assert/strict';
import { test } from '../../../../src/cli/plugin/commands/test.js';
import { Printer } from '../../../../src/cli/terminal/printer.js';

describe('bulkhead plugin test', () => {
  it('refuses a folder without a plugin before any process is started', async () => {
    const sink = new Printer({ write: () => {} }, {});
    const context = {
      stdout: sink,
      stderr: sink,
      cwd: '/',
      env: {},
      platform: process.platform,
      signals: process,
      endSignals: [],
      corePath: '/',
    };
    await assert.rejects(
      test('nowhere', { reporter: 'spec', timeout: 2000, spec: 'test/**' }, context),
      /^BulkheadError: \/nowhere: expected a plugin, which has a package\.json$/,
    );
  });
});
