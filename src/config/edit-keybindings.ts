import { isDeepStrictEqual } from 'node:util';
import { getNodeValue, parseTree } from 'jsonc-parser';
import type { ConfiguredKeybinding } from '../keys/keybinding-order.js';
import { editTo } from './edit-entries.js';
import { memberOf } from './edit-text.js';

/** A keybinding of the configuration, and what it is to run. */
export interface KeybindingEdit {
  readonly before: ConfiguredKeybinding;
  readonly command: string;
  /** Without it there are none. */
  readonly args?: unknown;
}

/**
 * The text of a configuration whose keybindings run other commands. Everything else stays as it is written, and so does a keybinding that was
 * edited meanwhile.
 *
 * @param text JSON with comments, which `ConfigDocument` has accepted
 */
export function editKeybindings(text: string, edits: readonly KeybindingEdit[]): string {
  const root = parseTree(text, [], { allowTrailingComma: true });
  const list = root && memberOf(root, 'keybindings');
  // A clone: objects of jsonc-parser have no prototype, so none of them equals another one.
  const written = (list?.children ?? []).map(
    (child) => structuredClone(getNodeValue(child)) as ConfiguredKeybinding,
  );
  return written.reduce((edited, keybinding, index) => {
    const edit = edits.find(({ before }) => isDeepStrictEqual(before, keybinding));
    if (edit === undefined) return edited;
    const { args: _, ...rest } = keybinding;
    const after = { ...rest, command: edit.command, ...(edit.args === undefined ? {} : { args: edit.args }) };
    return editTo(edited, ['keybindings', index], after, after);
  }, text);
}
