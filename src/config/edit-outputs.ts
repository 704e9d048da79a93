import { type Node, parseTree } from 'jsonc-parser';
import { member, memberOf, splice, withItem, without } from './edit-text.js';

/** Settings of an output as they are written into the configuration; null removes one, what is absent stays. */
export type OutputSettings = Readonly<Record<string, string | boolean | null | undefined>>;

/** What happens to one output of a configuration file. */
export type OutputEdit =
  | { readonly kind: 'put'; readonly id: string; readonly settings: OutputSettings }
  | { readonly kind: 'remove'; readonly id: string };

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
