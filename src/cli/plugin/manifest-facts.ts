import { readPackageJson } from '../../plugins/read-package-json.js';
import { checkPlugin } from '../../plugins/read-plugin.js';
import { describeSetting } from '../../plugins/setting-value.js';
import type { DeclaredSetting } from '../../protocol/setting-declaration.js';
import { dim, type Styled, styled } from '../terminal/styled.js';

/** What a plugin's manifest says about it. */
export interface ManifestFacts {
  readonly commands: readonly { readonly command: string; readonly title: string }[];
  /** By their names, in their order. */
  readonly settings: Readonly<Record<string, DeclaredSetting>>;
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
function rank({ order = Number.MAX_VALUE }: DeclaredSetting): number {
  return order;
}

/** Its commands, settings, events, what activates it and what it has to do with other plugins, a line for each. */
export function manifestReport(facts: ManifestFacts): Styled[] {
  const { commands, settings, activationEvents, events: fired } = facts;
  const { extensionDependencies: needed, optionalExtensionDependencies: optional } = facts;
  const rows = Object.entries(settings).flatMap(([name, setting]) => settingRows(name, setting));
  const names = [
    ...commands.map(({ command }) => command),
    ...rows.map(({ name }) => name),
    ...fired.map(({ event }) => event),
  ];
  const width = Math.max(0, ...names.map((name) => name.length));
  // Its commands are listed already.
  const events = activationEvents.filter(
    (event) => !commands.some(({ command }) => event === `onCommand:${command}`),
  );
  return [
    ...commands.map(({ command, title }) => styled`  command    ${command.padEnd(width)}  ${title}`),
    ...rows.map(({ label, name, text }) => styled`  ${label.padEnd(10)} ${name.padEnd(width)}  ${text}`),
    ...fired.map(({ event, description }) => styled`  event      ${event.padEnd(width)}  ${description}`),
    ...(events.length === 0 ? [] : [styled`  activation ${events.join(', ')}`]),
    ...(needed.length === 0 ? [] : [styled`  needs      ${needed.join(', ')}`]),
    ...(optional.length === 0 ? [] : [styled`  uses       ${optional.join(', ')}, where they are there`]),
  ];
}

interface SettingRow {
  readonly label: string;
  readonly name: string;
  readonly text: Styled;
}

/** The setting, what each of its values means, and what it consists of: `words[]`, `place.x`. */
function settingRows(name: string, setting: DeclaredSetting, label = 'setting'): SettingRow[] {
  const { title, description, markdownDescription } = setting;
  const about = [title, description ?? markdownDescription].filter((text) => text !== undefined).join(': ');
  return [
    { label, name, text: styled`${about === '' ? '' : `${about} `}${dim(describeValue(setting))}` },
    ...valueRows(setting),
    ...partRows(name, setting),
  ];
}

function describeValue(setting: DeclaredSetting): string {
  const initial =
    'default' in setting && setting.default !== undefined
      ? `; ${JSON.stringify(setting.default)} at first`
      : '';
  return `(${describeSetting(setting)}${initial})`;
}

/** What each value means, where the manifest says so. */
function valueRows(setting: DeclaredSetting): SettingRow[] {
  if (!('enum' in setting) || setting.enum === undefined) return [];
  const { enumDescriptions = [] } = setting;
  return [...setting.enum.entries()].flatMap(([index, value]) => {
    const meaning = enumDescriptions[index];
    return meaning === undefined
      ? []
      : [{ label: '', name: '', text: styled`${JSON.stringify(value)}: ${meaning}` }];
  });
}

function partRows(name: string, setting: DeclaredSetting): SettingRow[] {
  if (setting.type === 'array') {
    const { items } = setting;
    // What a list of texts or numbers holds is said with it.
    return items === undefined || isPlain(items) ? [] : settingRows(`${name}[]`, items, '');
  }
  if (setting.type !== 'object') return [];
  const { properties = {}, additionalProperties } = setting;
  return [
    ...Object.entries(properties).flatMap(([key, part]) => settingRows(`${name}.${key}`, part, '')),
    ...(typeof additionalProperties === 'object' ? settingRows(`${name}.*`, additionalProperties, '') : []),
  ];
}

/** Whether nothing needs to be said of it but what it takes. */
function isPlain(setting: DeclaredSetting): boolean {
  const { type, title, description, markdownDescription } = setting;
  const isDescribed = (title ?? description ?? markdownDescription) !== undefined;
  return type !== 'array' && type !== 'object' && !isDescribed && !('enumDescriptions' in setting);
}
