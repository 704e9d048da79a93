import assert from 'node:assert/strict';
import fc from 'fast-check';
import { ResponseError } from 'vscode-jsonrpc/node';
import { BulkheadError, ErrorCodes } from '../../../src/protocol/errors.js';
import { fromResponseError, RemoteError, refusal, toResponseError } from '../../../src/rpc/remote-error.js';

/** The caller's error for what the handler threw, passed through JSON. */
function roundTrip(error: unknown): BulkheadError {
  const { code, message, data } = JSON.parse(JSON.stringify(toResponseError(error).toJson()));
  return fromResponseError(new ResponseError(code, message, data), 'encoder');
}

function causeOf(error: Error): RemoteError {
  assert.ok(error.cause instanceof RemoteError);
  return error.cause;
}

describe('an error passed to the caller', () => {
  it('preserves a BulkheadError', () => {
    const thrown = new BulkheadError(ErrorCodes.inputBusy, 'The camera is in use.', {
      where: '/dev/video0',
      remedy: 'Close the other program.',
    });
    const received = roundTrip(thrown);
    assert.deepEqual(received.toData(), thrown.toData());
    assert.equal(causeOf(received).stack, thrown.stack);
  });

  it('turns any other error into an internal one that keeps name, code, data, plugin and stack', () => {
    class DeviceError extends Error {
      override readonly name = 'DeviceError';
      readonly code = 'EBUSY';
      readonly data = { device: 3 };
      readonly pluginId = 'acme.camera';
    }
    const thrown = new DeviceError('no device');
    const received = roundTrip(thrown);
    assert.deepEqual(received.toData(), {
      code: ErrorCodes.internal,
      message: 'no device',
      where: 'encoder',
    });
    const { name, code, data, pluginId, stack } = causeOf(received);
    assert.deepEqual(
      { name, code, data, pluginId, stack },
      {
        name: 'DeviceError',
        code: 'EBUSY',
        data: { device: 3 },
        pluginId: 'acme.camera',
        stack: thrown.stack,
      },
    );
  });

  it('preserves the chain of causes, up to a limit', () => {
    let error = new Error('0');
    for (let depth = 1; depth < 100; depth++) error = new Error(String(depth), { cause: error });
    const messages: string[] = [];
    for (let at: unknown = roundTrip(error).cause; at instanceof RemoteError; at = at.cause)
      messages.push(at.message);
    assert.deepEqual(messages, ['99', '98', '97', '96', '95', '94', '93', '92', '91']);
  });

  it('truncates a longer chain from a peer that ignores the limit', () => {
    let data: object = { message: 'innermost' };
    for (let depth = 0; depth < 50_000; depth++) data = { message: String(depth), cause: data };
    assert.equal(fromResponseError(new ResponseError(-32603, 'deep', data), 'plugin').message, '49999');
  });

  it('accepts values that are not errors, are cyclic, or do not fit into JSON', () => {
    assert.equal(roundTrip('just text').message, 'just text');
    assert.deepEqual(toResponseError('just text').data, { name: 'Error', message: 'just text' });
    assert.equal(roundTrip(undefined).message, 'undefined');
    assert.ok(roundTrip(new Error('x'.repeat(1_000_000))).message.length < 20_000);
    const circular: { self?: unknown } = {};
    circular.self = circular;
    assert.equal(causeOf(roundTrip(Object.assign(new Error('odd'), { data: circular }))).data, undefined);
    const ownCause = new Error('its own cause');
    ownCause.cause = ownCause;
    assert.equal(roundTrip(ownCause).message, 'its own cause');
  });

  it("has LSP's code of a request that failed, and no stack if there was none", () => {
    const thrown = new Error('unforeseen');
    delete thrown.stack;
    const { code, data } = toResponseError(thrown).toJson();
    assert.equal(code, -32803);
    assert.deepEqual(data, { name: 'Error', message: 'unforeseen' });
  });

  it('has a name and a stack of its own if the peer sent none', () => {
    const cause = causeOf(fromResponseError(new ResponseError(-32603, 'odd', { message: 'why' }), 'plugin'));
    assert.deepEqual([cause.name, cause.message, cause.stack], ['Error', 'why', 'Error: why']);
  });

  it('is cut after 16384 characters', () => {
    for (const [length, shown] of [
      [16_384, 'x'.repeat(16_384)],
      [16_385, `${'x'.repeat(16_384)}…`],
    ] as const) {
      assert.equal(toResponseError('x'.repeat(length)).message, shown);
    }
  });

  it('does not accept an unknown code', () => {
    const received = roundTrip(Object.assign(new Error('made up'), { code: 'made.up' }));
    assert.equal(received.code, ErrorCodes.internal);
    assert.equal(causeOf(received).code, 'made.up');
  });

  it('creates a BulkheadError from anything that a peer sends', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (data) => {
        const received = fromResponseError(new ResponseError(-32603, 'from outside', data), 'plugin');
        assert.ok(received instanceof BulkheadError);
        assert.equal(typeof received.message, 'string');
      }),
    );
  });

  it('has of what a peer sends only what is of the right type', () => {
    const error = (data: object) => fromResponseError(new ResponseError(-1, 'outer', data), 'plugin');
    const received = error({
      name: 5,
      message: 'no',
      stack: {},
      code: [],
      where: 1,
      remedy: null,
      pluginId: 7,
      cause: 'text',
    });
    assert.deepEqual(received.toData(), { code: ErrorCodes.internal, message: 'no', where: 'plugin' });
    const { name, stack, code, pluginId, data, cause } = causeOf(received);
    assert.deepEqual(
      [name, stack, code, pluginId, data, cause],
      ['Error', 'Error: no', undefined, undefined, undefined, undefined],
    );
    assert.equal(causeOf(error({ message: 'no', code: 5 })).code, 5);
    for (const data of [{ message: 5 }, {}, 5, null]) {
      const { message, cause, code } = error(data as object);
      assert.deepEqual([message, code], ['outer', ErrorCodes.internal]);
      assert.ok(cause instanceof ResponseError);
    }
  });

  it('has where and how to fix it from the peer, and no properties for what is unknown', () => {
    const { data } = toResponseError(new BulkheadError(ErrorCodes.inputBusy, 'in use'));
    assert.deepEqual(Object.keys(data ?? {}).sort(), ['code', 'message', 'name', 'stack']);
    const received = fromResponseError(
      new ResponseError(-1, 'outer', {
        message: 'in use',
        code: 'input.busy',
        where: 'here',
        remedy: 'Wait.',
      }),
      'plugin',
    );
    assert.deepEqual(received.toData(), {
      code: 'input.busy',
      message: 'in use',
      where: 'here',
      remedy: 'Wait.',
    });
  });

  it('is without a stack for a request that reached no handler', () => {
    assert.deepEqual(refusal(ErrorCodes.rpcBusy, 'later'), {
      code: -32803,
      message: 'later',
      data: { name: 'BulkheadError', message: 'later', code: 'rpc.busy' },
    });
  });
});
