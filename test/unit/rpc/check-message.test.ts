import assert from 'node:assert/strict';
import { checkMessage } from '../../../src/rpc/check-message.js';

describe('checkMessage', () => {
  const name = (length: number) => 'x'.repeat(length);

  it('takes names and ids of 256 characters, and none longer', () => {
    for (const message of [
      { method: name(256) },
      { id: name(256), method: 'm' },
      { id: name(256), result: null },
      { id: 0, error: { code: -1, message: '' } },
      { id: '', method: 'm', params: {} },
    ]) {
      assert.equal(checkMessage(message), message);
    }
    for (const [message, why] of [
      [{ method: name(257) }, 'its method is not a name of 1 to 256 characters'],
      [{ method: '' }, 'its method is not a name of 1 to 256 characters'],
      [{ id: name(257), method: 'm' }, 'its id is neither a number nor a short text'],
      [{ id: name(257), result: 1 }, 'it has neither a method nor an id'],
      [{ id: 1 }, 'it has an id and neither a result nor an error'],
      [{ id: 1, error: { code: 1.5, message: '' } }, 'it has an id and neither a result nor an error'],
      [{ method: 'm', params: [] }, 'its params are not an object'],
      [[], 'it is not a JSON object'],
      [null, 'it is not a JSON object'],
    ] as const) {
      assert.throws(() => checkMessage(message), {
        code: 'rpc.framing',
        message: `a message is not valid: ${why}`,
      });
    }
  });
});
