import { createScanner, type Node } from 'jsonc-parser';

// Edits of JSON with comments in its text, which leave everything else as it is written.

interface Token {
  readonly text: string;
  readonly end: number;
}

/** The text with an item more, at the end of a list or an object. */
export function withItem(text: string, container: Node, item: string): string {
  const last = container.children?.at(-1);
  const close = container.offset + container.length - 1;
  const begin = last === undefined ? container.offset + 1 : last.offset + last.length;
  const tokens = tokensBetween(text, begin, close);
  const hasComma = tokens.some((token) => token.text === ',');
  const place = tokens.at(-1)?.end ?? begin;
  const inner = text.slice(container.offset, close);
  // A comment to the line's end would swallow what follows it.
  const isInline = !/[\r\n]/.test(inner) && last !== undefined;
  const eol = text.includes('\r\n') ? '\r\n' : '\n';
  const outer = indentAt(text, container.offset);
  const indent =
    last !== undefined && indentAt(text, last.offset) !== outer ? indentAt(text, last.offset) : `${outer}  `;
  const lead = isInline ? ' ' : `${eol}${indent}`;
  // What closes the container keeps a line of its own.
  const closesLine =
    /^[ \t]*$/.test(text.slice(text.lastIndexOf('\n', close - 1) + 1, close)) &&
    text.slice(place, close).includes('\n');
  const tail = isInline || closesLine ? '' : `${eol}${outer}`;
  const end = isInline || closesLine ? place : close;
  const added = `${text.slice(0, place)}${lead}${item}${hasComma ? ',' : ''}${tail}${text.slice(end)}`;
  return last === undefined || hasComma ? added : splice(added, begin, begin, ',');
}

/** The text without an item of a list or an object, and without the comma that belongs to it. */
export function without(text: string, container: Node, item: Node): string {
  const close = container.offset + container.length - 1;
  const end = item.offset + item.length;
  const items = container.children ?? [];
  const index = items.indexOf(item);
  const previous = items[index - 1];
  const comma = tokensBetween(text, end, items[index + 1]?.offset ?? close).find(
    (token) => token.text === ',',
  );
  let edited = text;
  if (comma !== undefined) edited = splice(edited, comma.end - 1, comma.end, '');
  const range = withItsLine(edited, item.offset, end);
  edited = splice(edited, range.begin, range.end, '');
  if (comma !== undefined || previous === undefined) return edited;
  const before = tokensBetween(text, previous.offset + previous.length, item.offset).find(
    ({ text }) => text === ',',
  );
  return before === undefined ? edited : splice(edited, before.end - 1, before.end, '');
}

/** The range, with the whole line where nothing else is on it, and else with the space before it. */
function withItsLine(text: string, begin: number, end: number): { begin: number; end: number } {
  const lineBegin = text.lastIndexOf('\n', begin - 1) + 1;
  const rest = /^[ \t]*(?:\r?\n)/.exec(text.slice(end));
  if (rest !== null && text.slice(lineBegin, begin).trim() === '' && lineBegin > 0)
    return { begin: lineBegin, end: end + rest[0].length };
  const space = /[ \t]*$/.exec(text.slice(lineBegin, begin))?.[0].length ?? 0;
  return { begin: begin - space, end };
}

/** Commas and comments between two places. */
function tokensBetween(text: string, begin: number, end: number): Token[] {
  const scanner = createScanner(text.slice(0, end), false);
  scanner.setPosition(begin);
  const tokens: Token[] = [];
  for (scanner.scan(); scanner.getTokenLength() > 0; scanner.scan()) {
    const tokenEnd = scanner.getTokenOffset() + scanner.getTokenLength();
    const token = text.slice(scanner.getTokenOffset(), tokenEnd);
    if (token.trim() !== '') tokens.push({ text: token, end: tokenEnd });
  }
  return tokens;
}

export function memberOf(node: Node, name: string): Node | undefined {
  return node.children?.find(({ type, children }) => type === 'property' && children?.[0]?.value === name)
    ?.children?.[1];
}

function indentAt(text: string, offset: number): string {
  return /^[ \t]*/.exec(text.slice(text.lastIndexOf('\n', offset - 1) + 1))?.[0] ?? '';
}

export function member(name: string, value: unknown): string {
  return `${JSON.stringify(name)}: ${inlineJson(value)}`;
}

/** JSON in one line, as people write it: `{ "id": "cam", "layers": [] }`. */
export function inlineJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(inlineJson).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.entries(value).filter(([, part]) => part !== undefined);
  return members.length === 0 ? '{}' : `{ ${members.map(([name, part]) => member(name, part)).join(', ')} }`;
}

export function splice(text: string, begin: number, end: number, replacement: string): string {
  return text.slice(0, begin) + replacement + text.slice(end);
}
