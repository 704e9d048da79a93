/** Scripts that are written without spaces, so that a line may end after any character. */
const WITHOUT_SPACES =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}]/u;
/** What stays with the text before it. */
const CLOSING = /^[\p{Pe}\p{Pf}\p{Po}\u30fc\u3005]/u;
const OPENING = /[\p{Ps}\p{Pi}]$/u;
/** The first letter with a direction. */
const STRONG = /[\p{L}]/u;
const RIGHT_TO_LEFT =
  /[\p{Script=Arabic}\p{Script=Hebrew}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}\p{Script=Adlam}]/u;

const words = new Intl.Segmenter(undefined, { granularity: 'word' });
const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/** Text as it can be drawn: line feeds are the only control characters in it. */
export function drawableText(text: string): string {
  return text
    .replace(/\p{Cs}/gu, '\ufffd')
    .replace(/\r\n?|[\u2028\u2029\u0085]/g, '\n')
    .replace(/\t/g, '    ')
    .replace(/[^\P{Cc}\n]/gu, '');
}

/** Whether it is written from right to left, by its first letter. */
export function isRightToLeft(text: string): boolean {
  const [first] = STRONG.exec(text) ?? [];
  return first !== undefined && RIGHT_TO_LEFT.test(first);
}

/**
 * Breaks text into lines.
 *
 * @param widthOf pixels of a line of text
 * @param most pixels of each; what has no place to break is broken between letters
 */
export function linesOf(text: string, widthOf: (line: string) => number, most: number): string[] {
  return text.split('\n').flatMap((paragraph) => wrapped(paragraph, widthOf, most));
}

function wrapped(paragraph: string, widthOf: (line: string) => number, most: number): string[] {
  const lines: string[] = [];
  let line = '';
  const fits = (text: string) => widthOf(text.trimEnd()) <= most;
  const put = (part: string) => {
    if (fits(line + part)) {
      line += part;
      return;
    }
    if (line.trim() !== '') lines.push(line.trimEnd());
    line = part.trimStart();
  };
  for (const part of partsOf(paragraph)) {
    if (fits(part)) {
      put(part);
      continue;
    }
    for (const { segment } of graphemes.segment(part)) put(segment);
  }
  return [...lines, line.trimEnd()];
}

/** What may not be broken, each with the spaces after it. */
function partsOf(paragraph: string): string[] {
  const parts: string[] = [];
  for (const { segment } of words.segment(paragraph)) {
    const last = parts.at(-1);
    if (last !== undefined && stays(last, segment)) parts[parts.length - 1] = last + segment;
    else parts.push(segment);
  }
  return parts;
}

/** Whether a word belongs to what is before it. */
function stays(before: string, word: string): boolean {
  if (/^\s/.test(word) || CLOSING.test(word) || OPENING.test(before)) return true;
  if (/[\s-]$/.test(before)) return false;
  return !WITHOUT_SPACES.test(word) && !WITHOUT_SPACES.test(before.slice(-1));
}
