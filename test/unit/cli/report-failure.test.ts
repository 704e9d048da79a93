import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { onUnexpectedError } from '../../../src/base/unexpected-error.js';
import { exitCodeOf, formatError, reportFailure, survivingDefects } from '../../../src/cli/report-failure.js';
import { Printer } from '../../../src/cli/terminal/printer.js';
import { ConfigError } from '../../../src/config/config-error.js';
import { BulkheadError, ErrorCodes } from '../../../src/protocol/errors.js';
import { ExitCodes } from '../../../src/protocol/exit-codes.js';

describe('reportFailure', () => {
  const report = (error: unknown) => {
    let text = '';
    const write = (part: string) => {
      text += part;
    };
    const code = reportFailure(error, new Printer({ write }, {}));
    return { code, text };
  };

  it("prints a user's error on one line, without a stack", () => {
    const error = new BulkheadError(ErrorCodes.ffmpegNotFound, 'no ffmpeg', { remedy: 'Install it.' });
    assert.deepEqual(report(error), {
      code: ExitCodes.unavailable,
      text: 'bulkhead: no ffmpeg. Install it.\n',
    });
  });

  it('prints errors in the configuration line by line', () => {
    const error = new ConfigError([
      { where: 'a:1:2', message: 'b' },
      { where: 'a:3:4', message: 'c' },
    ]);
    assert.deepEqual(report(error), { code: ExitCodes.badSettings, text: 'a:1:2: b\na:3:4: c\n' });
  });

  it('shows a defect with its stack and asks for a report', () => {
    for (const error of [
      new TypeError('x is undefined'),
      new BulkheadError(ErrorCodes.internal, 'it broke', { cause: new Error('deep') }),
    ]) {
      const { code, text } = report(error);
      assert.equal(code, ExitCodes.crash);
      assert.match(
        text,
        /^bulkhead: this is a bug in Bulkhead; please report it with these lines:\n\w+: .*\n {4}at /,
      );
    }
    assert.match(
      report(new BulkheadError(ErrorCodes.internal, 'it broke', { cause: new Error('deep') })).text,
      /deep/,
    );
    assert.match(report('a string').text, /report it with these lines:\na string\n$/);
  });
});

describe('formatError', () => {
  const code = ErrorCodes.internal;
  it('names the place once', () => {
    assert.equal(formatError({ code, message: 'busy', where: '/dev/video0' }), '/dev/video0: busy');
    assert.equal(
      formatError({ code, message: '/dev/video0 is busy', where: '/dev/video0' }),
      '/dev/video0 is busy',
    );
  });
  it('ends the sentence before the remedy', () => {
    assert.equal(formatError({ code, message: 'busy', remedy: 'Wait.' }), 'busy. Wait.');
    assert.equal(formatError({ code, message: 'busy.', remedy: 'Wait.' }), 'busy. Wait.');
  });
});

describe('exitCodeOf', () => {
  it('distinguishes errors in settings from temporary ones', () => {
    assert.equal(exitCodeOf(ErrorCodes.configInvalid), ExitCodes.badSettings);
    assert.equal(exitCodeOf(ErrorCodes.coreAlreadyRunning), ExitCodes.badSettings);
    assert.equal(exitCodeOf(ErrorCodes.outputUnreachable), ExitCodes.unavailable);
    assert.equal(exitCodeOf(ErrorCodes.versionMismatch), ExitCodes.versionMismatch);
    assert.equal(exitCodeOf(ErrorCodes.internal), ExitCodes.crash);
  });
});

describe('survivingDefects', () => {
  it('prints uncaught errors, three at once, and continues', async () => {
    let text = '';
    const write = (part: string) => {
      text += part;
    };
    // Mocha would treat them as failures of the test.
    const mochas = process.listeners('unhandledRejection');
    process.removeAllListeners('unhandledRejection');
    const defects = survivingDefects(new Printer({ write }, {}));
    try {
      void Promise.reject(new Error('a rejection'));
      await delay(0);
      onUnexpectedError(new Error("a listener's"));
      for (let n = 0; n < 10; n++) onUnexpectedError(new Error(`flood ${n}`));
    } finally {
      defects.dispose();
      for (const listener of mochas) process.on('unhandledRejection', listener);
    }
    assert.match(text, /bug in Bulkhead.*\nError: a rejection\n +at /);
    assert.match(text, /\nError: a listener's\n +at /);
    assert.equal(text.match(/bug in Bulkhead/g)?.length, 3);
    assert.deepEqual(process.listeners('unhandledRejection'), mochas);
  });
});
