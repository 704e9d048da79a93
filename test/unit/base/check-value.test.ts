import assert from 'node:assert/strict';
import * as z from 'zod';
import { checkValue } from '../../../src/base/check-value.js';

const Schema = z.object({ text: z.string().max(3), list: z.array(z.number()).max(3).optional() });

describe('checkValue', () => {
  it("returns the schema's result", () => {
    assert.deepEqual(checkValue(Schema, { text: 'abc', more: 1 }).data, { text: 'abc' });
    assert.equal(checkValue(Schema, { text: 'abcd' }).success, false);
  });

  for (const length of [{ toString: 0 }, { valueOf: 0, toString: 0 }, JSON.parse('{"__proto__":null}')]) {
    it(`reports an error for a value whose length is ${JSON.stringify(length)}`, () => {
      for (const value of [{ text: { length } }, { text: '', list: { length } }]) {
        const result = checkValue(Schema, value);
        assert.equal(result.success, false);
        assert.notEqual(result.error?.issues[0]?.message, undefined);
      }
    });
  }
});
