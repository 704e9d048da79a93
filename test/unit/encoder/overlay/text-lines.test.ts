import assert from 'node:assert/strict';
import fc from 'fast-check';
import { drawableText, isRightToLeft, linesOf } from '../../../../src/encoder/overlay/text-lines.js';

/** As wide as it has letters. */
const widthOf = (line: string) => [...line].length;
const lines = (text: string, most: number) => linesOf(text, widthOf, most);

describe('lines of text', () => {
  it('end between words, and where the text says', () => {
    assert.deepEqual(lines('one two three\nfour', 8), ['one two', 'three', 'four']);
    assert.deepEqual(lines('a\n\nb', 8), ['a', '', 'b']);
    assert.deepEqual(lines('', 8), ['']);
    assert.deepEqual(lines('well-known thing', 6), ['well-', 'known', 'thing']);
  });

  it('end between any two letters of Chinese, and never before what closes or after what opens', () => {
    assert.deepEqual(lines('你好世界再见', 4), ['你好世界', '再见']);
    assert.deepEqual(lines('你好，世界。', 3), ['你好，', '世界。']);
    assert.deepEqual(lines('你（好）吗', 3), ['你', '（好）', '吗']);
    assert.deepEqual(lines('"quoted", and more', 9), ['"quoted",', 'and more']);
  });

  it('break a word that is too long between letters, and never within one', () => {
    assert.deepEqual(lines('abcdefgh ij', 3), ['abc', 'def', 'gh', 'ij']);
    const family = '👩‍👩‍👧';
    const broken = linesOf(`${family}${family}`, (line) => (line.split(family).length - 1) * 4, 5);
    assert.deepEqual(broken, [family, family]);
  });

  it('are no wider than asked for, and have every letter in its order', () => {
    const text = fc.string({ unit: fc.constantFrom(...'ab ,(直播あ。-\n'), maxLength: 60 });
    fc.assert(
      fc.property(text, fc.integer({ min: 1, max: 12 }), (written, most) => {
        const broken = lines(written, most);
        for (const line of broken) assert.ok(widthOf(line) <= most, `${JSON.stringify(line)} in ${most}`);
        assert.equal(broken.join('').replace(/\s/g, ''), written.replace(/\s/g, ''));
      }),
    );
  });

  it('begin on the right where their first letter is of such a script', () => {
    assert.deepEqual(['שלום abc', '123 مرحبا', 'abc שלום', '123', ''].map(isRightToLeft), [
      ...[true, true, false, false, false],
    ]);
  });

  it('hold no control characters, and nothing else is left out', () => {
    assert.equal(drawableText('a\u0000b\u001b[31mc\td\r\ne\u2028f\u0085g'), 'ab[31mc    d\ne\nf\ng');
    assert.equal(drawableText('\ud800x "q": 100% \\ {} \u200dü'), '\ufffdx "q": 100% \\ {} \u200dü');
  });
});
