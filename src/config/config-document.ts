import {
  createScanner,
  findNodeAtLocation,
  getNodeValue,
  type Node,
  type ParseError,
  parseTree,
  printParseErrorCode,
} from 'jsonc-parser';
import { ConfigError, type ConfigMistake } from './config-error.js';
import { type ConfigPath, formatPath } from './config-path.js';

/** Maximum nesting depth of objects and lists. */
const MAX_DEPTH = 64;

/** A configuration file's text: JSON with comments and trailing commas, and the position of each value. */
export class ConfigDocument {
  /** The parsed value, not validated. */
  readonly value: unknown;
  private readonly text: string;
  private readonly root: Node;
  /** Offsets; computed on first use. */
  private lineStarts: readonly number[] | undefined;

  /**
   * @param name The file's name in errors.
   * @throws ConfigError for text that is not JSON with comments, or that has a duplicate key.
   */
  constructor(
    private readonly name: string,
    text: string,
  ) {
    this.text = text.startsWith('\uFEFF') ? text.slice(1) : text;
    this.checkDepth();
    const errors: ParseError[] = [];
    const root = parseTree(this.text, errors, { allowTrailingComma: true });
    const [error] = errors;
    if (root === undefined && (error === undefined || printParseErrorCode(error.error) === 'ValueExpected')) {
      throw new ConfigError([{ where: this.where(0), message: 'the file is empty; expected { … }' }]);
    }
    // The parser recovers and continues, but later errors are mostly consequences of the first.
    if (root === undefined || error !== undefined) {
      const offset = error?.offset ?? 0;
      throw new ConfigError([{ where: this.where(offset), message: describeSyntaxError(error, this.text) }]);
    }
    this.root = root;
    const repeated = this.repeatedKeys(root, []);
    if (repeated.length > 0) throw new ConfigError(repeated);
    this.value = getNodeValue(root);
  }

  /** Checked before parsing, since the parser is recursive. */
  private checkDepth(): void {
    const scanner = createScanner(this.text, true);
    let depth = 0;
    for (scanner.scan(); scanner.getTokenLength() > 0; scanner.scan()) {
      const token = scanner.getTokenLength() === 1 ? this.text.charAt(scanner.getTokenOffset()) : '';
      if (token === '{' || token === '[') depth += 1;
      else if (token === '}' || token === ']') depth -= 1;
      if (depth <= MAX_DEPTH) continue;
      const where = this.where(scanner.getTokenOffset());
      throw new ConfigError([{ where, message: `expected at most ${MAX_DEPTH} levels of nesting` }]);
    }
  }

  /** Position of the value at `path`, or of the nearest enclosing one if it is missing. */
  whereValue(path: ConfigPath): string {
    return this.where(this.nearestNode(path).offset);
  }

  /** Position of a key within the object at `path`. */
  whereKey(path: ConfigPath, key: string): string {
    const property = this.nearestNode(path).children?.find(
      ({ type, children }) => type === 'property' && children?.[0]?.value === key,
    );
    return this.where((property ?? this.nearestNode(path)).offset);
  }

  private nearestNode(path: ConfigPath): Node {
    for (let length = path.length; length > 0; length--) {
      const node = findNodeAtLocation(this.root, path.slice(0, length));
      if (node !== undefined) return node;
    }
    return this.root;
  }

  private where(offset: number): string {
    this.lineStarts ??= [
      0,
      ...[...this.text.matchAll(/\r\n|\n|\r/g)].map((end) => end.index + end[0].length),
    ];
    let line = 0;
    for (let step = 2 ** Math.ceil(Math.log2(this.lineStarts.length)); step >= 1; step /= 2) {
      if ((this.lineStarts[line + step] ?? Number.POSITIVE_INFINITY) <= offset) line += step;
    }
    return `${this.name}:${line + 1}:${offset - (this.lineStarts[line] ?? 0) + 1}`;
  }

  /** In JSON the last one silently wins, which is never intended. */
  private repeatedKeys(node: Node, path: ConfigPath): ConfigMistake[] {
    const mistakes: ConfigMistake[] = [];
    const seen = new Set<string>();
    for (const [index, child] of (node.children ?? []).entries()) {
      const [keyNode, valueNode] = child.type === 'property' ? (child.children ?? []) : [undefined, child];
      const key: string | number = keyNode === undefined ? index : String(keyNode.value);
      if (typeof key === 'string') {
        if (seen.has(key)) {
          const message = `${formatPath([...path, key])}: this key is given twice; keep one of them`;
          mistakes.push({ where: this.where(child.offset), message });
        }
        seen.add(key);
      }
      if (valueNode !== undefined) mistakes.push(...this.repeatedKeys(valueNode, [...path, key]));
    }
    return mistakes;
  }
}

/** The text itself is not repeated: it may be a stream key without quotes. */
function describeSyntaxError(error: ParseError | undefined, text: string): string {
  const what = error === undefined ? undefined : SYNTAX_ERRORS[printParseErrorCode(error.error)];
  const atEnd = error !== undefined && text.slice(error.offset).trim() === '';
  return `${what ?? 'this is not JSON'}${atEnd ? ", got the file's end" : ''}`;
}

const SYNTAX_ERRORS: Readonly<Record<string, string>> = {
  InvalidSymbol: 'text needs double quotes',
  InvalidNumberFormat: 'this is not a number',
  PropertyNameExpected: 'expected a key in double quotes',
  ValueExpected: 'expected a value',
  ColonExpected: 'expected ":" after the key',
  CommaExpected: 'expected "," before this',
  CloseBraceExpected: 'expected "}"',
  CloseBracketExpected: 'expected "]"',
  EndOfFileExpected: "expected the file's end",
  InvalidCommentToken: 'comments are not allowed here',
  UnexpectedEndOfComment: 'unterminated comment; expected "*/"',
  UnexpectedEndOfString: 'unterminated text; expected a closing double quote',
  UnexpectedEndOfNumber: 'this number is not complete',
  InvalidUnicode: 'expected four hexadecimal digits after \\u',
  InvalidEscapeCharacter: 'invalid escape; write \\\\ for a backslash',
  InvalidCharacter: 'this character is not allowed in text',
};
