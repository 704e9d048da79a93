import assert from 'node:assert/strict';
import fc from 'fast-check';
import { ConfigDocument } from '../../../src/config/config-document.js';
import { ConfigError } from '../../../src/config/config-error.js';

describe('ConfigDocument', () => {
  it('reads every JSON text as JSON.parse does', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        // A duplicate key is an error here; with JSON.parse the last one wins, and __proto__ is special.
        fc.pre(!/"__proto__"/.test(text));
        const { value } = new ConfigDocument('x', text);
        assert.equal(JSON.stringify(value), JSON.stringify(JSON.parse(text)));
      }),
    );
  });

  it('has a position for every path and every syntax error', () => {
    const anyPath = fc.array(fc.oneof(fc.string(), fc.nat(3)), { maxLength: 4 });
    fc.assert(
      fc.property(fc.oneof(fc.json(), fc.string()), anyPath, fc.nat(), (text, path, cut) => {
        try {
          const document = new ConfigDocument('x', text.slice(0, cut % (text.length + 1)));
          assert.match(document.whereValue(path), /^x:\d+:\d+$/);
          assert.match(document.whereKey(path, 'a'), /^x:\d+:\d+$/);
        } catch (error) {
          assert(error instanceof ConfigError, String(error));
          for (const line of error.message.split('\n')) assert.match(line, /^x:\d+:\d+: ./);
        }
      }),
    );
  });

  it("rejects nesting that would overflow a parser's stack, with its position", () => {
    const nested = (levels: number) => `// {[\n{"a": ${'['.repeat(levels)}${']'.repeat(levels)}}`;
    assert.throws(() => new ConfigDocument('x', nested(100_000)), {
      message: 'x:2:70: expected at most 64 levels of nesting',
    });
    new ConfigDocument('x', nested(63));
  });

  it('knows the line and column after each kind of line break', () => {
    const document = new ConfigDocument('x', '{\n"a":1,\r\n"b":2,\r"c":\n\n 3}');
    const places = ['a', 'b', 'c'].map((key) => document.whereValue([key]));
    assert.deepEqual(places, ['x:2:5', 'x:3:5', 'x:6:2']);
  });
});
