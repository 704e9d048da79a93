import assert from 'node:assert/strict';
import { parseCommandArgument } from '../../../src/cli/command-argument.js';

describe("an argument of a plugin's command", () => {
  for (const [argument, value] of [
    ['hello', 'hello'],
    ['"3"', '3'],
    ['3', 3],
    ['-1.5e3', -1500],
    ['0.1', 0.1],
    ['9007199254740991', 9007199254740991],
    ['true', true],
    ['null', null],
    ['{"a": [1, "x"]}', { a: [1, 'x'] }],
    ['{"id": "12345678901234567890"}', { id: '12345678901234567890' }],
  ] as const) {
    it(`is parsed: ${argument}`, () => assert.deepEqual(parseCommandArgument(argument), value));
  }

  for (const argument of ['12345678901234567890', '-9007199254740993', '1e400', ' 12345678901234567890 ']) {
    it(`is text where a number would not be exact: ${argument}`, () =>
      assert.equal(parseCommandArgument(argument), argument.trim()));
  }

  it('is refused with such a number inside, and says how to write it', () => {
    for (const argument of ['[12345678901234567890]', '{"12": {"id": 12345678901234567890}}']) {
      assert.throws(() => parseCommandArgument(argument), {
        code: 'config.invalid',
        message: 'the number 12345678901234567890 is too large to be passed exactly',
        remedy: /^Write it as text, "12345678901234567890", in /,
      });
    }
  });
});
