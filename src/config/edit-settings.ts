import { parseTree } from 'jsonc-parser';
import { member, memberOf, splice, withItem } from './edit-text.js';

/** A setting, and where it is in the configuration: alone, or in a group of settings. */
export interface WrittenSetting {
  readonly path: readonly [name: string] | readonly [group: string, name: string];
  readonly value: string | number | boolean;
}

/**
 * The text of a configuration with settings added or changed. Everything else stays as it is written: comments, order, line ends.
 *
 * @param text JSON with comments, which `ConfigDocument` has accepted
 */
export function editSettings(text: string, settings: readonly WrittenSetting[]): string {
  return settings.reduce(withSetting, text);
}

function withSetting(text: string, { path, value }: WrittenSetting): string {
  const root = parseTree(text, [], { allowTrailingComma: true });
  if (root?.type !== 'object') return text;
  const [first, second] = path;
  const group = second === undefined ? root : memberOf(root, first);
  if (group === undefined) return withItem(text, root, `"${first}": { ${member(second ?? '', value)} }`);
  const name = second ?? first;
  const before = memberOf(group, name);
  return before === undefined
    ? withItem(text, group, member(name, value))
    : splice(text, before.offset, before.offset + before.length, JSON.stringify(value));
}
