import { isDeepStrictEqual } from 'node:util';
import { getNodeValue, type Node, parseTree } from 'jsonc-parser';
import { inlineJson, member, memberOf, splice, withItem, without } from './edit-text.js';

/** Settings of an entry as they are written into the configuration; null removes one, what is absent stays. */
export type EntrySettings = Readonly<Record<string, unknown>>;

/** Lists of entries with an id. */
export type EntryList =
  | 'outputs'
  | 'sources'
  | 'scenes'
  | 'overlays'
  /** The scenes of a canvas besides the main one. */
  | { readonly canvas: string };

/** What happens to one entry of a list of the configuration. */
export type EntryEdit =
  | {
      readonly kind: 'put';
      readonly id: string;
      readonly settings: EntrySettings;
      /** The same without what need not be written, since it is so by itself. What is written of that stays. */
      readonly needed?: EntrySettings;
    }
  | { readonly kind: 'remove'; readonly id: string };

/** A place in the text: names and indexes, from the root. */
type Path = readonly (string | number)[];

/** Edits of one entry at most; each changes one value. */
const MOST_EDITS = 10_000;

/**
 * The text of a configuration with one entry of a list added, changed or removed. Everything else stays as it is written: comments,
 * order, indentation and line ends. A comment beside what is removed stays, too.
 *
 * @param text JSON with comments, which `ConfigDocument` has accepted
 */
export function editEntry(text: string, name: EntryList, edit: EntryEdit): string {
  const root = parse(text);
  if (root?.type !== 'object') return text;
  if (typeof name === 'object') return editList(text, root, pathOfCanvas(root, name.canvas), edit);
  return editList(text, root, [name], edit);
}

/** @param path of the list; undefined where it cannot be there */
function editList(text: string, root: Node, path: Path | undefined, edit: EntryEdit): string {
  if (path === undefined) return text;
  const list = nodeAt(root, path);
  const index = list?.children?.findIndex((child) => memberOf(child, 'id')?.value === edit.id) ?? -1;
  const entry = list?.children?.[index];
  if (edit.kind === 'remove')
    return list === undefined || entry === undefined ? text : without(text, list, entry);
  const { id, settings, needed = settings } = edit;
  if (entry !== undefined) {
    const before = getNodeValue(entry) as object;
    return editTo(text, [...path, index], set(before, settings), set(before, needed));
  }
  const written = inlineJson(set({ id }, needed));
  if (list !== undefined) return withItem(text, list, written);
  return withItem(text, root, `${JSON.stringify(path[0])}: [${written}]`);
}

/**
 * The same for the sound of a source in the mixer.
 *
 * @param needed the settings without what need not be written
 */
export function editSound(text: string, source: string, settings: object, needed: object): string {
  const root = parse(text);
  if (root?.type !== 'object') return text;
  const mixer = memberOf(root, 'mixer');
  const sources = mixer && memberOf(mixer, 'sources');
  const written = sources && memberOf(sources, source);
  if (written !== undefined) return editTo(text, ['mixer', 'sources', source], settings, needed);
  const sound = { [source]: needed };
  if (sources !== undefined) return withItem(text, sources, member(source, needed));
  if (mixer !== undefined) return withItem(text, mixer, member('sources', sound));
  return withItem(text, root, member('mixer', { sources: sound }));
}

function set(before: object, settings: EntrySettings): object {
  const given = Object.entries(settings).filter(([, value]) => value !== undefined);
  const all = Object.entries({ ...before, ...Object.fromEntries(given) });
  return Object.fromEntries(all.filter(([, value]) => value !== null));
}

/** The text with another value at a place, of which only what differs is written anew. One edit after the other, since each moves what follows. */
export function editTo(text: string, path: Path, wanted: object, needed: object): string {
  let edited = text;
  for (let count = 0; count < MOST_EDITS; count++) {
    const root = parse(edited);
    const node = root && nodeAt(root, path);
    if (node === undefined) break;
    const next = firstEdit(edited, node, wanted, needed);
    if (next === undefined) break;
    edited = next;
  }
  return edited;
}

/** The text with the first difference removed; undefined without any. */
function firstEdit(text: string, node: Node, wanted: unknown, needed: unknown): string | undefined {
  if (isObject(wanted) && node.type === 'object') return firstMemberEdit(text, node, wanted, needed);
  if (areEntries(wanted) && node.type === 'array' && areEntries(getNodeValue(node)))
    return firstEntryEdit(text, node, wanted, needed);
  if (isDeepStrictEqual(getNodeValue(node), wanted)) return undefined;
  return splice(text, node.offset, node.offset + node.length, inlineJson(needed ?? wanted));
}

function firstMemberEdit(
  text: string,
  node: Node,
  wanted: Readonly<Record<string, unknown>>,
  needed: unknown,
): string | undefined {
  const written = node.children ?? [];
  const names = written.map(({ children }) => String(children?.[0]?.value));
  for (const [index, property] of written.entries()) {
    const [name = '', value] = [names[index], property.children?.[1]];
    if (!Object.hasOwn(wanted, name)) return without(text, node, property);
    const edited = value && firstEdit(text, value, wanted[name], isObject(needed) ? needed[name] : undefined);
    if (edited !== undefined) return edited;
  }
  const missing = Object.entries(isObject(needed) ? needed : {}).find(([name]) => !names.includes(name));
  return missing && withItem(text, node, member(...missing));
}

function firstEntryEdit(
  text: string,
  node: Node,
  wanted: readonly Entry[],
  needed: unknown,
): string | undefined {
  const written = node.children ?? [];
  const ids = written.map((child) => memberOf(child, 'id')?.value as string);
  const neededOf = (id: string) => (areEntries(needed) ? needed.find((entry) => entry.id === id) : undefined);
  for (const [index, child] of written.entries()) {
    const entry = wanted.find(({ id }) => id === ids[index]);
    if (entry === undefined) return without(text, node, child);
    const edited = firstEdit(text, child, entry, neededOf(entry.id));
    if (edited !== undefined) return edited;
  }
  const missing = wanted.find(({ id }) => !ids.includes(id));
  if (missing !== undefined) return withItem(text, node, inlineJson(neededOf(missing.id) ?? missing));
  const order = wanted.map(({ id }) => written[ids.indexOf(id)]);
  if (order.every((child, index) => child === written[index])) return undefined;
  // Each place gets the text of the entry that belongs there; what stands between them stays.
  return written.reduceRight((edited, { offset, length }, index) => {
    const { offset: from = 0, length: size = 0 } = order[index] ?? {};
    return splice(edited, offset, offset + length, text.slice(from, from + size));
  }, text);
}

interface Entry {
  readonly id: string;
}

function areEntries(value: unknown): value is readonly Entry[] {
  return Array.isArray(value) && value.every((item) => isObject(item) && typeof item['id'] === 'string');
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function nodeAt(root: Node, path: Path): Node | undefined {
  return path.reduce<Node | undefined>((at, part) => at && childOf(at, part), root);
}

/** Of the scenes of a canvas. Every canvas has some. */
function pathOfCanvas(root: Node, canvas: string): Path | undefined {
  const canvases = memberOf(root, 'canvases')?.children ?? [];
  const index = canvases.findIndex((child) => memberOf(child, 'id')?.value === canvas);
  return index === -1 ? undefined : ['canvases', index, 'scenes'];
}

function childOf(node: Node, part: string | number): Node | undefined {
  return typeof part === 'number' ? node.children?.[part] : memberOf(node, part);
}

function parse(text: string): Node | undefined {
  return parseTree(text, [], { allowTrailingComma: true });
}
