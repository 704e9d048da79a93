import assert from 'node:assert/strict';

/** A word that shows that a plugin's text was printed at all. */
export const HOSTILE_WORD = 'evil-word';

/** Attempts of a plugin, a server or an archive to manipulate a terminal, a log or a page. */
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

/** Escape sequences of the command itself: styles, and the start of an overwritten line. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: the escapes that are allowed
const OWN_SEQUENCES = /\x1b\[[0-9]{1,3}m|\r\x1b\[K/g;
const UNPRINTABLE =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these must not occur
  /[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\ufff9-\ufffb]|\p{Default_Ignorable_Code_Point}/gu;

/** Fails if the text contains anything that controls a terminal, is invisible, or changes the direction of text. */
export function assertPrintable(text: string, what: string): void {
  const found = text.match(UNPRINTABLE) ?? [];
  const codes = [...new Set(found)].map((character) => `U+${character.codePointAt(0)?.toString(16)}`);
  assert.deepEqual(codes, [], `${what}: ${JSON.stringify(text.slice(0, 3000))}`);
}

/** The same for a command's output to a terminal. */
export function assertPrintableOnTerminal(text: string, what: string): void {
  assertPrintable(text.replaceAll('\r\n', '\n').replace(OWN_SEQUENCES, ''), what);
}
