import assert from 'node:assert/strict';
import { ResponseError } from 'vscode-jsonrpc/node';
import { BulkheadError, ErrorCodes } from '../../../src/protocol/errors.js';
import { fromResponseError, toResponseError } from '../../../src/rpc/remote-error.js';
import { asThrown, pluginStack } from '../../../src/rpc/thrown-by-plugin.js';

/** The caller's error for what was thrown on the other side of this many channels. */
function passed(error: unknown, channels: number): BulkheadError {
  const { code, message, data } = JSON.parse(JSON.stringify(toResponseError(error).toJson()));
  const received = fromResponseError(new ResponseError(code, message, data), 'peer');
  return channels === 1 ? received : passed(received, channels - 1);
}

const failed = (cause?: unknown) =>
  new BulkheadError(ErrorCodes.pluginFailed, 'the plugin "a" failed: no device', { where: 'a', cause });

class DeviceError extends RangeError {
  override readonly name = 'DeviceError';
  readonly code: string | undefined;

  constructor(message: string, code?: string, cause?: unknown) {
    super(message, { cause });
    this.code = code;
  }
}

describe('what a plugin threw', () => {
  for (const channels of [1, 2, 3]) {
    it(`keeps its name, code, stack and causes over ${channels} channels`, () => {
      const why = new Error('unplugged');
      const thrown = new DeviceError('no device', 'EDEVICE', why);
      const failure = passed(failed(thrown), channels);
      assert.equal(pluginStack(failure), `${thrown.stack}\nCaused by: ${why.stack}`);

      const given = asThrown(failure) as Error & { code: unknown; where: unknown };
      assert.deepEqual(
        [given.name, given.code, given.message, given.where],
        ['DeviceError', 'EDEVICE', failure.message, 'a'],
      );
      const { name, code, message } = given.cause as DeviceError;
      assert.deepEqual([name, code, message], ['DeviceError', 'EDEVICE', 'no device']);
      const { data } = JSON.parse(JSON.stringify(toResponseError(failure).toJson()));
      assert.deepEqual(
        [data.code, data.cause.code, data.cause.name],
        ['plugin.failed', 'EDEVICE', 'DeviceError'],
      );
    });
  }

  it('has the code of the failure if it has none of its own', () => {
    const { code, name } = asThrown(passed(failed(new TypeError('x')), 2)) as Error & { code: unknown };
    assert.deepEqual([code, name], ['plugin.failed', 'TypeError']);
  });

  it('is the failure itself where nothing was thrown, or it is not of the plugin', () => {
    for (const error of [failed(), new BulkheadError(ErrorCodes.commandNotFound, 'there is none')]) {
      const failure = passed(error, 2);
      assert.equal(asThrown(failure), failure);
      assert.equal(pluginStack(failure), undefined);
    }
    const denied = passed(
      new BulkheadError(ErrorCodes.permissionDenied, 'denied', { cause: new DeviceError('denied') }),
      1,
    );
    assert.equal(asThrown(denied), denied);
  });
});
