import { canonicalKey } from './keystroke.js';

/** A key that runs a command. */
export interface Keybinding {
  /** Canonical. */
  readonly key: string;
  readonly command: string;
  readonly args: readonly unknown[];
  /** The condition under which it does; always without one. */
  readonly when?: string | undefined;
  /** Id of the plugin that declares it; the streamer's without one. */
  readonly plugin?: string | undefined;
}

/** As in the configuration. */
export interface ConfiguredKeybinding {
  readonly key: string;
  /** With a `-` before it: the key runs this command no more, where it did so by itself. */
  readonly command: string;
  readonly args?: unknown;
  readonly when?: string | undefined;
}

/**
 * All keybindings in the order in which they are tried: the streamer's, the last one first; then those of each plugin, in the order of the plugins,
 * the last one of each first. The first whose condition holds is run.
 *
 * @param declared of all plugins, those of the plugin that was there first before the others'
 */
export function orderKeybindings(
  declared: readonly (readonly Keybinding[])[],
  configured: readonly ConfiguredKeybinding[],
): Keybinding[] {
  const removals = configured.filter(isRemoval);
  const isRemoved = (one: Keybinding) =>
    removals.some(
      ({ key, command, when }) =>
        canonicalKey(key) === one.key &&
        command.slice(1) === one.command &&
        (when === undefined || when === one.when),
    );
  const own = configured
    .filter((one) => !isRemoval(one))
    .map(
      ({ key, command, args, when }): Keybinding => ({
        key: canonicalKey(key),
        command,
        args: argumentsOf(args),
        when,
      }),
    );
  const others = declared.flatMap((list) => list.filter((one) => !isRemoved(one)).reverse());
  return [...own.reverse(), ...others];
}

function isRemoval({ command }: ConfiguredKeybinding): boolean {
  return command.startsWith('-');
}

/** A list holds all arguments of the command, anything else is its only one. */
export function argumentsOf(args: unknown): readonly unknown[] {
  if (args === undefined) return [];
  return Array.isArray(args) ? args : [args];
}

/** For each keybinding, the one of the same key that is tried before it and always runs, so that it never does. */
export function findShadows(ordered: readonly Keybinding[]): Map<Keybinding, Keybinding> {
  const always = new Map<string, Keybinding>();
  const shadows = new Map<Keybinding, Keybinding>();
  for (const one of ordered) {
    const first = always.get(one.key);
    if (first !== undefined) shadows.set(one, first);
    else if (one.when === undefined) always.set(one.key, one);
  }
  return shadows;
}
