import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  printable,
  printableJson,
  printableLines,
  printableValue,
  shorten,
} from '../../../src/base/printable.js';
import { assertPrintable, HOSTILE, HOSTILE_WORD } from '../../support/hostile-text.js';

/** Mostly characters that matter to a terminal, between letters. */
const nasty = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        '\x1b',
        '\x1b[',
        '\x1b]',
        '\x9b',
        '\x9d',
        '\x07',
        '\x1b\\',
        '\r\n',
        '\n',
        '\t',
        '\u202e',
      ),
      fc.constantFrom('31m', '2J', ';', 'a', 'ü', '漢', '\ud800', '\udc00', '👩\u200d💻', '\u200d', '\ufe0f'),
      fc.nat(0x2100).map((code) => String.fromCodePoint(code)),
    ),
  )
  .map((parts) => parts.join(''));

describe('printable text', () => {
  it('contains no escape sequences, control characters or invisible characters', () => {
    assert.equal(printable('a\x1b[31mb\x1b]0;title\x07c\r\nd\x9b2Je'), 'abc de');
    assert.equal(printable('\u202eabc\u202c\u200b\u2066d\u2069\ufeff'), 'abcd');
    assert.equal(printable('a\u2028b\u2029c\x85d\te'), 'a b c d e');
    assert.equal(printable('x\ud800y'), 'x\ufffdy');
    assert.ok(printable(HOSTILE).includes(HOSTILE_WORD));
    assertPrintable(printable(HOSTILE), 'one line');
    assertPrintable(printableLines(HOSTILE), 'lines');
  });

  it('keeps what is text: letters of all scripts, signs, and whole emoji', () => {
    for (const text of ['', 'plain', 'größer → 漢字 ✓ عربي हिन्दी', '👩\u200d💻 ❤\ufe0f 👍🏽', 'e\u0301'])
      assert.equal(printable(text), text);
    assert.equal(printable('a\u200db\ufe0f'), 'ab');
  });

  it('keeps line breaks if requested, as line feeds', () => {
    assert.equal(printableLines('a\nb\r\nc\rd\u2028e\x85f\tg\x00h'), 'a\nb\nc\nd\ne\nf g h');
  });

  it('keeps text after an unterminated sequence', () => {
    assert.equal(printable('\x1b]0;all the rest'), '0;all the rest');
    assert.equal(printable('\x1b[31'), '31');
  });

  it('is the result for any text', () => {
    fc.assert(
      fc.property(nasty, (text) => {
        assertPrintable(withoutEmojiParts(printable(text)), 'one line');
        assert.ok(!printable(text).includes('\n'));
        assertPrintable(withoutEmojiParts(printableLines(text)), 'lines');
        assert.doesNotMatch(printable(text), /\p{Surrogate}/u);
      }),
      { numRuns: 2000 },
    );
  });

  it('does not change when it is made printable again', () => {
    fc.assert(
      fc.property(nasty, (text) => {
        const lines = printableLines(text);
        assert.equal(printableLines(lines), lines);
      }),
    );
  });
});

describe('printable JSON', () => {
  it('reads back as the same value', () => {
    fc.assert(
      fc.property(fc.record({ text: nasty, list: fc.array(nasty) }, { noNullPrototype: true }), (value) => {
        const json = printableJson(value, 2);
        assertPrintable(json, 'JSON');
        assert.deepEqual(JSON.parse(json), value);
      }),
    );
    assert.equal(printableJson('\u202e\x1b\u{e0041}'), '"\\u202e\\u001b\\udb40\\udc41"');
    assert.equal(printableJson(undefined), 'null');
  });
});

describe('a printable value', () => {
  it('has printable strings at any depth, and everything else unchanged', () => {
    assert.deepEqual(printableValue({ a: ['\x1b[31mx', 1, null], b: { c: 'y\r\nz' } }), {
      a: ['x', 1, null],
      b: { c: 'y\nz' },
    });
  });
});

describe('shortened text', () => {
  it('marks the omission, and never splits a character', () => {
    assert.equal(shorten('abc', 3), 'abc');
    assert.equal(shorten('abcd', 3), 'ab…');
    assert.equal(shorten('a😀bc', 3), 'a…');
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: 1, max: 20 }), (text, max) => {
        const short = shorten(text, max);
        assert.ok(short.length <= max);
        assert.doesNotMatch(short, /\p{Surrogate}/u);
      }),
    );
  });
});

/** Joiners and variation selectors stay inside emoji. */
function withoutEmojiParts(text: string): string {
  return text.replace(/(?<=\p{Emoji}|\p{Extended_Pictographic}|\ufe0f)(?:\u200d|\ufe0f)/gu, '');
}
