import { WhenError } from './when-error.js';

/** A part of a condition, with its place in the text. */
export interface WhenToken {
  readonly kind: 'operator' | 'word' | 'text' | 'pattern';
  /** Without its quotes or slashes. */
  readonly text: string;
  /** Of a pattern. */
  readonly flags: string;
  readonly at: number;
  readonly end: number;
}

const SPACE = /\s*/y;
const OPERATOR = /&&|\|\||==|!=|=~|<=|>=|[<>!()]/y;
const TEXT = /'((?:[^'\\]|\\.)*)'/y;
const PATTERN = /\/((?:[^/\\[]|\\.|\[(?:[^\]\\]|\\.)*\])+)\/([a-z]*)/y;
/** Of context keys and values without quotes; `/` only within them. */
const WORD = /[\p{L}\p{N}_.:@$*#%+,-][\p{L}\p{N}_.:@$*#%+,/-]*/uy;

/** @throws {@link WhenError} */
export function readWhenTokens(text: string): WhenToken[] {
  const tokens: WhenToken[] = [];
  let at = 0;
  const read = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at;
    return pattern.exec(text);
  };
  for (;;) {
    at += read(SPACE)?.[0].length ?? 0;
    if (at >= text.length) return tokens;
    const add = (kind: WhenToken['kind'], [all]: RegExpExecArray, inner: string = all, flags = '') => {
      tokens.push({ kind, text: inner, flags, at, end: at + all.length });
      at += all.length;
    };
    // A pattern is expected nowhere else, and begins like nothing else.
    const pattern = tokens.at(-1)?.text === '=~' ? read(PATTERN) : null;
    const quoted = read(TEXT);
    const found = read(OPERATOR);
    const word = read(WORD);
    if (pattern !== null) {
      if (!/^i?$/.test(pattern[2] ?? '')) {
        throw new WhenError(`expected no flag but "i" after the pattern at character ${at + 1}`);
      }
      add('pattern', pattern, pattern[1], pattern[2]);
    } else if (quoted !== null) add('text', quoted, quoted[1]?.replace(/\\(['\\])/g, '$1'));
    else if (found !== null) add('operator', found);
    else if (word !== null) add('word', word);
    else throw unexpected(text, at);
  }
}

function unexpected(text: string, at: number): WhenError {
  const char = String.fromCodePoint(text.codePointAt(at) ?? 0);
  if (char === "'") return new WhenError(`expected another ' for the one at character ${at + 1}`);
  if (char === '/')
    return new WhenError(`expected a pattern such as /^intro/ after "=~" at character ${at + 1}`);
  return new WhenError(`expected a context key or an operator in place of "${char}" at character ${at + 1}`);
}
