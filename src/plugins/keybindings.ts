import { argumentsOf, type Keybinding } from '../keys/keybinding-order.js';
import { canonicalKey } from '../keys/keystroke.js';
import type { InstalledPlugin } from './installed-plugin.js';

const OWN: Readonly<Partial<Record<NodeJS.Platform, 'mac' | 'linux' | 'win'>>> = {
  darwin: 'mac',
  linux: 'linux',
  win32: 'win',
};

/** The keybindings that a plugin declares for a system. */
export function keybindingsOf(
  { id, contributes }: Pick<InstalledPlugin, 'id' | 'contributes'>,
  platform: NodeJS.Platform = process.platform,
): Keybinding[] {
  const own = OWN[platform];
  return contributes.keybindings.map(({ command, when, args, ...keys }) => ({
    key: canonicalKey((own === undefined ? undefined : keys[own]) ?? keys.key),
    command,
    args: argumentsOf(args),
    when,
    plugin: id,
  }));
}
