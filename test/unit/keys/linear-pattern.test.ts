import assert from 'node:assert/strict';
import fc from 'fast-check';
import { LinearPattern } from '../../../src/keys/linear-pattern.js';

/** Patterns of the supported kind over few characters, so that they often match. */
const { pattern } = fc.letrec<{ pattern: string; part: string; atom: string }>((tie) => ({
  atom: fc.oneof(
    {
      weight: 6,
      arbitrary: fc.constantFrom('a', 'b', '.', '\\d', '\\w', '[ab]', '[^a]', '[a-c1]', '\\.', '\\u0061'),
    },
    { weight: 2, arbitrary: tie('pattern').map((inner) => `(${inner})`) },
    { weight: 1, arbitrary: tie('pattern').map((inner) => `(?:${inner})`) },
  ),
  part: fc
    .tuple(tie('atom'), fc.constantFrom('', '', '', '*', '+', '?', '*?', '{2}', '{1,2}', '{0,1}', '{2,}'))
    .map(([atom, times]) => `${atom}${times}`),
  pattern: fc
    .tuple(
      fc.constantFrom('', '', '^'),
      fc.array(tie('part'), { maxLength: 3 }),
      fc.constantFrom('', '', '$'),
      fc.option(tie('part'), { nil: undefined }),
    )
    .map(
      ([start, parts, end, other]) =>
        `${start}${parts.join('')}${end}${other === undefined ? '' : `|${other}`}`,
    ),
}));
const text = fc.string({ unit: fc.constantFrom('a', 'b', 'A', '1', '.', '\n', '😀'), maxLength: 12 });

describe('a pattern whose time grows with its length alone', () => {
  it('matches what JavaScript does', () => {
    fc.assert(
      fc.property(pattern, text, fc.boolean(), (source, tested, ignoreCase) => {
        let linear: LinearPattern;
        try {
          linear = new LinearPattern(source, ignoreCase);
        } catch (error) {
          // Too large.
          assert.ok(error instanceof RangeError);
          return;
        }
        assert.equal(linear.test(tested), new RegExp(source, ignoreCase ? 'iu' : 'u').test(tested), source);
      }),
      { numRuns: 3000 },
    );
  });

  it('takes no longer for a text that others never end with', () => {
    const evil = new LinearPattern('^(a+)+(a|a)*(a|aa)+$');
    assert.equal(evil.test(`${'a'.repeat(200)}b`), false);
    assert.equal(evil.test('a'.repeat(200)), true);
  });

  it('refuses what it does not support, and what is too large', () => {
    const refused = (source: string) => assert.throws(() => new LinearPattern(source), RangeError, source);
    for (const source of ['(', 'a{2,1}', '(?=a)', '(?<!a)b', '(?<name>a)', '(a)\\1', '\\bword'])
      refused(source);
    refused('a'.repeat(101));
    refused('a{500}');
    refused('((a{9}){9}){9}');
    // Nothing, as often as one likes.
    assert.equal(new LinearPattern('((((){200}){200}){200}){200}').test(''), true);
  });

  it('never throws anything else', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 40 }), text, (source, tested) => {
        try {
          new LinearPattern(source).test(tested);
        } catch (error) {
          assert.ok(error instanceof RangeError, String(error));
        }
      }),
      { numRuns: 2000 },
    );
  });
});
