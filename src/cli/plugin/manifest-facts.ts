import { checkPlugin, readPackageJson } from '../../plugins/read-plugin.js';
import { describeSetting } from '../../plugins/setting-value.js';
import type { SettingDeclaration } from '../../protocol/setting-declaration.js';
import { dim, type Styled, styled } from '../terminal/styled.js';

/** What a plugin's manifest says about it. */
export interface ManifestFacts {
  readonly commands: readonly { readonly command: string; readonly title: string }[];
  /** By their names, in their order. */
  readonly settings: Readonly<Record<string, SettingDeclaration>>;
  /** What activates it, its commands included. */
  readonly activationEvents: readonly string[];
  readonly events: readonly { readonly event: string; readonly description: string }[];
  /** Ids of the plugins whose exports it uses, and of those without which it runs as well. */
  readonly extensionDependencies: readonly string[];
  readonly optionalExtensionDependencies: readonly string[];
}

/** Reads the manifest in a plugin's folder; undefined if it is wrong, which its state says. */
export function manifestFacts(folder: string): ManifestFacts | undefined {
  try {
    const { plugin } = checkPlugin(folder, readPackageJson(folder));
    if (plugin === undefined) return undefined;
    const { commands, configuration, events } = plugin.contributes;
    const { activationEvents, extensionDependencies, optionalExtensionDependencies } = plugin;
    const settings = Object.fromEntries(
      Object.entries(configuration.properties).sort(([, a], [, b]) => rank(a) - rank(b)),
    );
    return {
      ...{ commands, settings, activationEvents },
      ...{ events, extensionDependencies, optionalExtensionDependencies },
    };
  } catch {
    return undefined;
  }
}

/** In the order of the manifest where it is the same. */
function rank({ order = Number.MAX_VALUE }: SettingDeclaration): number {
  return order;
}

/** Its commands, settings, events, what activates it and what it has to do with other plugins, a line for each. */
export function manifestReport(facts: ManifestFacts): Styled[] {
  const { commands, settings, activationEvents, events: fired } = facts;
  const { extensionDependencies: needed, optionalExtensionDependencies: optional } = facts;
  const names = [
    ...commands.map(({ command }) => command),
    ...Object.keys(settings),
    ...fired.map(({ event }) => event),
  ];
  const width = Math.max(0, ...names.map((name) => name.length));
  // Its commands are listed already.
  const events = activationEvents.filter(
    (event) => !commands.some(({ command }) => event === `onCommand:${command}`),
  );
  return [
    ...commands.map(({ command, title }) => styled`  command    ${command.padEnd(width)}  ${title}`),
    ...Object.entries(settings).flatMap(([name, setting]) => [
      styled`  setting    ${name.padEnd(width)}  ${setting.description ?? ''} ${dim(describeValue(setting))}`,
      ...valueLines(setting, width),
    ]),
    ...fired.map(({ event, description }) => styled`  event      ${event.padEnd(width)}  ${description}`),
    ...(events.length === 0 ? [] : [styled`  activation ${events.join(', ')}`]),
    ...(needed.length === 0 ? [] : [styled`  needs      ${needed.join(', ')}`]),
    ...(optional.length === 0 ? [] : [styled`  uses       ${optional.join(', ')}, where they are there`]),
  ];
}

function describeValue(setting: SettingDeclaration): string {
  const initial = setting.default === undefined ? '' : `; ${JSON.stringify(setting.default)} at first`;
  return `(${describeSetting(setting)}${initial})`;
}

/** What each value means, where the manifest says so. */
function valueLines(setting: SettingDeclaration, width: number): Styled[] {
  if (!('enum' in setting) || setting.enum === undefined) return [];
  const { enumDescriptions = [] } = setting;
  return [...setting.enum.entries()].flatMap(([index, value]) => {
    const meaning = enumDescriptions[index];
    return meaning === undefined
      ? []
      : [styled`  ${''.padEnd(13 + width)}${JSON.stringify(value)}: ${meaning}`];
  });
}
