import { createScanner, type Node, parseTree } from 'jsonc-parser';

/** Settings of an output as they are written into the configuration; null removes one, what is absent stays. */
export type OutputSettings = Readonly<Record<string, string | boolean | null | undefined>>;

/** What happens to one output of a configuration file. */
export type OutputEdit =
  | { readonly kind: 'put'; readonly id: string; readonly settings: OutputSettings }
  | { readonly kind: 'remove'; readonly id: string };

interface Token {
  readonly text: string;
  readonly end: number;
}

/**
 * The text of a configuration with one output added, changed or removed. Everything else stays as it is written: comments,
 * order, indentation and line ends. A comment beside what is removed stays, too.
 *
 * @param text JSON with comments, which `ConfigDocument` has accepted
 */
export function editOutputs(text: string, edit: OutputEdit): string {
  const root = parseTree(text, [], { allowTrailingComma: true });
  if (root?.type !== 'object') return text;
  const list = memberOf(root, 'outputs');
  const output = list?.children?.find((child) => memberOf(child, 'id')?.value === edit.id);
  if (edit.kind === 'remove') {
    return list === undefined || output === undefined ? text : without(text, list, output);
  }
  const { id, settings } = edit;
  if (output !== undefined) return withSettings(text, output, id, settings);
  const members = Object.entries({ id, ...settings }).filter(
    ([, value]) => value !== undefined && value !== null,
  );
  const written = `{ ${members.map(([name, value]) => member(name, value)).join(', ')} }`;
  if (list !== undefined) return withItem(text, list, written);
  return withItem(text, root, `"outputs": [${written}]`);
}

/** One setting after the other, since each moves what stands behind it. */
function withSettings(text: string, { offset }: Node, id: string, settings: OutputSettings): string {
  let edited = text;
  for (const [name, value] of Object.entries(settings)) {
    const root = parseTree(edited, [], { allowTrailingComma: true });
    const output = root && memberOf(root, 'outputs')?.children?.find((child) => child.offset === offset);
    if (output === undefined) throw new Error(`the output ${id} is not where it was`);
    const property = output.children?.find(({ children }) => children?.[0]?.value === name);
    const before = property?.children?.[1];
    if (value === null && property !== undefined) edited = without(edited, output, property);
    if (value === undefined || value === null) continue;
    edited =
      before === undefined
        ? withItem(edited, output, member(name, value))
        : splice(edited, before.offset, before.offset + before.length, JSON.stringify(value));
  }
  return edited;
}

/** The text with an item more, at the end of a list or an object. */
function withItem(text: string, container: Node, item: string): string {
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
function without(text: string, container: Node, item: Node): string {
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

function memberOf(node: Node, name: string): Node | undefined {
  return node.children?.find(({ type, children }) => type === 'property' && children?.[0]?.value === name)
    ?.children?.[1];
}

function indentAt(text: string, offset: number): string {
  return /^[ \t]*/.exec(text.slice(text.lastIndexOf('\n', offset - 1) + 1))?.[0] ?? '';
}

function member(name: string, value: OutputSettings[string]): string {
  return `${JSON.stringify(name)}: ${JSON.stringify(value)}`;
}

function splice(text: string, begin: number, end: number, replacement: string): string {
  return text.slice(0, begin) + replacement + text.slice(end);
}
