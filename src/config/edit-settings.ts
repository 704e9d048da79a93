import { type Node, parseTree } from 'jsonc-parser';
import { inlineJson, member, memberOf, splice, withItem, without } from './edit-text.js';

/** A setting, and where it is in the configuration: its names from the outermost group on. */
export interface WrittenSetting {
  readonly path: readonly string[];
  /** Null removes it. */
  readonly value: string | number | boolean | object | null;
}

/**
 * The text of a configuration with settings added, changed or removed. Everything else stays as it is written: comments, order, line ends.
 *
 * @param text JSON with comments, which `ConfigDocument` has accepted
 */
export function editSettings(text: string, settings: readonly WrittenSetting[]): string {
  return settings.reduce(withSetting, text);
}

function withSetting(text: string, { path, value }: WrittenSetting): string {
  let group = parseTree(text, [], { allowTrailingComma: true });
  for (const [depth, name] of path.entries()) {
    if (group?.type !== 'object') return text;
    const before: Node | undefined = memberOf(group, name);
    const inside = path.slice(depth + 1);
    if (before === undefined)
      return value === null ? text : withItem(text, group, member(name, nested(inside, value)));
    if (inside.length > 0) group = before;
    else if (value !== null)
      return splice(text, before.offset, before.offset + before.length, inlineJson(value));
    else return before.parent === undefined ? text : without(text, group, before.parent);
  }
  return text;
}

/** `{ "size": 40 }` of `['size']` and 40. */
function nested(path: readonly string[], value: unknown): unknown {
  return path.reduceRight((inner, name) => ({ [name]: inner }), value);
}
