import assert from 'node:assert/strict';
import { ErrorCodes as JsonRpcErrorCodes, ResponseError } from 'vscode-jsonrpc/node';
import { BulkheadError, ErrorCodes } from '../../../src/protocol/errors.js';
import { CallFailures, TIMED_OUT } from '../../../src/rpc/call-failures.js';

describe('CallFailures', () => {
  const failures = new CallFailures('encoder');
  const cause = new Error('the pipe broke');
  const from = (error: unknown) => failures.from(error, 'ask', 250, cause).toData();

  it('says which call to whom failed, and why', () => {
    const error = failures.of(ErrorCodes.rpcBusy, 'ask', 'it is busy', cause);
    assert.equal(error.code, ErrorCodes.rpcBusy);
    assert.equal(error.message, 'The call ask to encoder failed: it is busy.');
    assert.equal(error.where, 'encoder');
    assert.equal(error.cause, cause);
  });

  it('makes the failures of a closed connection without stacks, and only these', () => {
    const { stackTraceLimit } = Error;
    const error = failures.closed('ask', cause);
    assert.doesNotMatch(error.stack ?? '', /\n\s+at /);
    assert.equal(error.cause, cause);
    assert.equal(Error.stackTraceLimit, stackTraceLimit);
    assert.match(failures.of(ErrorCodes.rpcBusy, 'ask', 'it is busy').stack ?? '', /\n\s+at /);
  });

  it("converts the library's own errors", () => {
    for (const [code, message, expected] of [
      [JsonRpcErrorCodes.PendingResponseRejected, ErrorCodes.rpcClosed, 'the connection is closed'],
      [TIMED_OUT.code, ErrorCodes.rpcTimeout, 'no response within 250 ms'],
      [JsonRpcErrorCodes.MethodNotFound, ErrorCodes.internal, 'encoder has no such method'],
    ] as const) {
      const data = from(new ResponseError(code, 'whatever'));
      assert.equal(data.code, message);
      assert.equal(data.message, `The call ask to encoder failed: ${expected}.`);
    }
    assert.equal(
      failures.from(new ResponseError(JsonRpcErrorCodes.PendingResponseRejected, ''), 'ask', 1, cause).cause,
      cause,
    );
  });

  it("passes on the peer's errors, and whatever else was thrown", () => {
    assert.equal(from(new ResponseError(-32803, 'no such camera')).message, 'no such camera');
    const thrown = new BulkheadError(ErrorCodes.inputBusy, 'It is in use.');
    assert.deepEqual(from(thrown), thrown.toData());
    const other = from(new Error('unforeseen'));
    assert.equal(other.code, ErrorCodes.internal);
    assert.match(other.message, /unforeseen/);
  });
});
