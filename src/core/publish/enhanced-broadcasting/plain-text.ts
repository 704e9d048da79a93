import { printable } from '../../../base/printable.js';
import { holdsSecret } from '../rtmp/server-reason.js';

/** How much of a text is looked at, characters. */
const MAX_HTML = 4096;
/** Longest text that is shown, characters. */
const MAX_TEXT = 300;
/** Longer words are left out: a stream key is one, in any encoding. */
const MAX_WORD = 20;
/** Characters of the stream key that must not be shown in a row. */
const PIECE = 8;
const ENTITIES: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  nbsp: ' ',
};
/** Letters, or a short number, with the punctuation around them. */
const WORD = /^[("'“‘]*(?:\p{L}[\p{L}\p{M}'’/-]*|\d{1,4}(?:[.:x/-]\d{1,4})?(?:p\d{0,2}|%)?)[.,:;!?)"'”’]*$/u;

/**
 * A platform's HTML as a sentence that may be shown. The platform has the stream key, and could send it back: of its text, only what looks like words is
 * left, and nothing where that has a piece of the key in it.
 *
 * @param secrets what must not be shown
 */
export function plainText(html: string, secrets: readonly string[]): string {
  const text = html
    .slice(0, MAX_HTML)
    .replace(/<!--.*?-->|<(script|style)\b.*?<\/\1\s*>/gis, ' ')
    .replace(/<[^>]*>?/g, ' ')
    .replace(/&(\w{2,6});/g, (entity, name: string) => ENTITIES[name] ?? entity)
    .replace(/&#39;/g, "'")
    .replace(/\s+(?=[.,:;!?])/g, '');
  const words = printable(text)
    .split(/\s+/)
    .filter((word) => word !== '');
  const shown: string[] = [];
  let length = 0;
  for (const word of words) {
    const isShown = word.length <= MAX_WORD && WORD.test(word);
    if (!isShown && shown.at(-1) === '…') continue;
    length += word.length + 1;
    if (length > MAX_TEXT) {
      shown.push('…');
      break;
    }
    shown.push(isShown ? word : '…');
  }
  const sentence = shown.join(' ');
  if (!/\p{L}/u.test(sentence)) return 'it gives no reason';
  return holdsSecret(sentence, secrets, PIECE)
    ? 'its reason is not shown, since it may hold the stream key'
    : sentence;
}
