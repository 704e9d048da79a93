import assert from 'node:assert/strict';

/** A word that shows that text of a plugin was printed at all. */
export const HOSTILE_WORD = 'evil-word';

/** What a plugin, a server or an archive could try on a terminal, a log or a page. */
export const HOSTILE = [
  '\x1b[2J',
  '\x1b]0;owned\x07',
  '\x1b]8;;http://example.org\x1b\\',
  '\x1bP1$r\x1b\\',
  '\x9b31m',
  '\x9d0;owned\x9c',
  HOSTILE_WORD,
  '\u202edrow\u202c',
  '\u2066iso\u2069',
  '\u200e\u200f\u061c',
  '\u200b\u2060\ufeff\u00ad\u{e0041}',
  '\u2028\u2029\x85\r\v\f\b\x00\x7f',
  'end\x1b',
].join('');

/** The escape sequences of the command itself: styles, and the start of a line that is written over. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: the escapes that are allowed
const OWN_SEQUENCES = /\x1b\[[0-9]{1,3}m|\r\x1b\[K/g;
const UNPRINTABLE =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: what must not be there
  /[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\ufff9-\ufffb]|\p{Default_Ignorable_Code_Point}/gu;

/** Fails when the text holds anything that a terminal obeys, that is invisible, or that changes the direction of text. */
export function assertPrintable(text: string, what: string): void {
  const found = text.match(UNPRINTABLE) ?? [];
  const codes = [...new Set(found)].map((character) => `U+${character.codePointAt(0)?.toString(16)}`);
  assert.deepEqual(codes, [], `${what}: ${JSON.stringify(text.slice(0, 3000))}`);
}

/** The same for what a command wrote to a terminal. */
export function assertPrintableOnTerminal(text: string, what: string): void {
  assertPrintable(text.replaceAll('\r\n', '\n').replace(OWN_SEQUENCES, ''), what);
}
