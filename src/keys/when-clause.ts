import { LinearPattern } from './linear-pattern.js';
import { WhenError } from './when-error.js';
import { readWhenTokens, type WhenToken } from './when-tokens.js';

/**
 * Conditions over context keys, as VS Code writes them:
 *
 *     or     ::= and { '||' and }
 *     and    ::= not { '&&' not }
 *     not    ::= '!' not | term
 *     term   ::= '(' or ')' | 'true' | 'false' | KEY [ test ]
 *     test   ::= ('==' | '!=') value | ('<' | '<=' | '>' | '>=') NUMBER | [ 'not' ] 'in' KEY | '=~' REGEX
 *     value  ::= 'true' | 'false' | WORD | '\'' any text '\''
 *     REGEX  ::= '/' pattern '/' [ 'i' ]
 */

export type When =
  | { readonly type: 'constant'; readonly value: boolean }
  /** It has a value other than false, 0, an empty text and an empty list. */
  | { readonly type: 'has'; readonly key: string }
  | { readonly type: 'not'; readonly of: When }
  | { readonly type: 'and' | 'or'; readonly of: readonly When[] }
  | { readonly type: 'equals'; readonly key: string; readonly value: string }
  | { readonly type: 'compare'; readonly key: string; readonly op: Comparison; readonly value: number }
  /** The list of this key holds the value of the other one. */
  | { readonly type: 'in'; readonly key: string; readonly list: string }
  | {
      readonly type: 'matches';
      readonly key: string;
      readonly pattern: string;
      readonly ignoreCase: boolean;
    };

export type Comparison = '<' | '<=' | '>' | '>=';

/** Most characters of a condition. */
export const MOST_WHEN = 500;
/** Most parentheses and negations around one another. */
const MOST_LEVELS = 30;

/** @throws {@link WhenError} */
export function parseWhen(text: string): When {
  if (text.length > MOST_WHEN) {
    throw new WhenError(`expected at most ${MOST_WHEN} characters`);
  }
  return new WhenParser(readWhenTokens(text), text).parse();
}

/** What is wrong with a condition; undefined if nothing is. */
export function findWhenProblem(text: string): string | undefined {
  try {
    parseWhen(text);
    return undefined;
  } catch (error) {
    if (error instanceof WhenError) return error.message;
    throw error;
  }
}

/** The context keys in a condition. */
export function keysOf(when: When): string[] {
  switch (when.type) {
    case 'constant':
      return [];
    case 'not':
      return keysOf(when.of);
    case 'and':
    case 'or':
      return when.of.flatMap(keysOf);
    case 'in':
      return [when.key, when.list];
    default:
      return [when.key];
  }
}

/** How many patterns are in a condition as text; 0 if it is wrong. */
export function countPatterns(text: string): number {
  return findWhenProblem(text) === undefined
    ? readWhenTokens(text).filter(({ kind }) => kind === 'pattern').length
    : 0;
}

class WhenParser {
  private next = 0;
  private levels = 0;

  constructor(
    private readonly tokens: readonly WhenToken[],
    private readonly text: string,
  ) {}

  parse(): When {
    const when = this.or();
    if (this.peek() !== undefined) throw this.expected('"&&", "||" or the end');
    return when;
  }

  private or(): When {
    return this.joined('or', '||', () => this.joined('and', '&&', () => this.not()));
  }

  private joined(type: 'and' | 'or', operator: string, part: () => When): When {
    const first = part();
    const of = [first];
    while (this.take(operator)) of.push(part());
    return of.length === 1 ? first : { type, of };
  }

  private not(): When {
    return this.nested(() => (this.take('!') ? { type: 'not', of: this.not() } : this.term()));
  }

  private nested(part: () => When): When {
    this.levels += 1;
    if (this.levels > MOST_LEVELS) throw this.expected(`at most ${MOST_LEVELS} levels`);
    const when = part();
    this.levels -= 1;
    return when;
  }

  private term(): When {
    if (this.take('(')) {
      const when = this.or();
      if (!this.take(')')) throw this.expected('")"');
      return when;
    }
    const token = this.peek();
    if (token?.kind !== 'word') throw this.expected('a context key');
    this.next += 1;
    if (token.text === 'true' || token.text === 'false') {
      return { type: 'constant', value: token.text === 'true' };
    }
    return this.test(token.text);
  }

  private test(key: string): When {
    if (this.take('==')) return this.equality(key);
    if (this.take('!=')) return negated(this.equality(key));
    if (this.take('=~')) return this.match(key);
    if (this.take('in')) return { type: 'in', key, list: this.key() };
    if (this.take('not')) {
      if (!this.take('in')) throw this.expected('"in"');
      return negated({ type: 'in', key, list: this.key() });
    }
    for (const op of ['<=', '>=', '<', '>'] as const) {
      if (this.take(op)) return { type: 'compare', key, op, value: this.number() };
    }
    return { type: 'has', key };
  }

  private equality(key: string): When {
    const token = this.peek();
    if (token?.kind !== 'word' && token?.kind !== 'text')
      throw this.expected("a value, such as live or 'my scene'");
    this.next += 1;
    if (token.kind === 'word' && token.text === 'true') return { type: 'has', key };
    if (token.kind === 'word' && token.text === 'false') return negated({ type: 'has', key });
    return { type: 'equals', key, value: token.text };
  }

  private match(key: string): When {
    const token = this.peek();
    if (token?.kind !== 'pattern') throw this.expected('a pattern such as /^intro/');
    this.next += 1;
    const ignoreCase = token.flags === 'i';
    try {
      new LinearPattern(token.text, ignoreCase);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      throw new WhenError(`the pattern at character ${token.at + 1}: ${error.message}`);
    }
    return { type: 'matches', key, pattern: token.text, ignoreCase };
  }

  private key(): string {
    const token = this.peek();
    if (token?.kind !== 'word') throw this.expected('a context key');
    this.next += 1;
    return token.text;
  }

  private number(): number {
    const token = this.peek();
    const value = token?.kind === 'word' || token?.kind === 'text' ? Number(token.text) : Number.NaN;
    if (token?.text.trim() === '' || !Number.isFinite(value)) throw this.expected('a number');
    this.next += 1;
    return value;
  }

  private peek(): WhenToken | undefined {
    return this.tokens[this.next];
  }

  /** Whether this operator or word was next. */
  private take(text: string): boolean {
    const token = this.peek();
    const is = (token?.kind === 'operator' || token?.kind === 'word') && token.text === text;
    if (is) this.next += 1;
    return is;
  }

  private expected(what: string): WhenError {
    const token = this.peek();
    if (token === undefined) return new WhenError(`expected ${what} at the end`);
    const found = this.text.slice(token.at, token.end);
    return new WhenError(`expected ${what} in place of "${found}" at character ${token.at + 1}`);
  }
}

function negated(of: When): When {
  return { type: 'not', of };
}
