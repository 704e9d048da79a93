import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Message } from 'vscode-jsonrpc/node';
import { encodeMessage } from '../../../src/rpc/encode-message.js';

describe('encodeMessage', () => {
  it('writes the same as JSON.stringify', () => {
    const id = fc.oneof(fc.nat(), fc.string());
    const value = fc.jsonValue();
    const message = fc.oneof(
      fc.record({ jsonrpc: fc.constant('2.0'), id, method: fc.string(), params: value }),
      fc.record({ jsonrpc: fc.constant('2.0'), id, method: fc.string() }),
      fc.record({ jsonrpc: fc.constant('2.0'), method: fc.string(), params: value }),
      fc.record({ jsonrpc: fc.constant('2.0'), id, result: value }),
      fc.record({ jsonrpc: fc.constant('2.0'), id, error: fc.record({ code: fc.integer(), data: value }) }),
    ) as fc.Arbitrary<Message>;
    fc.assert(fc.property(message, (given) => assert.equal(encodeMessage(given), JSON.stringify(given))));
  });

  it('writes null for a value without JSON', () => {
    const result = () => {};
    const nothing = { toJSON: () => undefined };
    for (const message of [
      { jsonrpc: '2.0', id: 1, result },
      { jsonrpc: '2.0', id: 1, method: 'm', params: nothing },
    ]) {
      const parsed = JSON.parse(encodeMessage(message));
      assert.equal(parsed.result ?? parsed.params ?? null, null);
    }
  });
});
