import { PERMISSIONS } from '../../plugins/manifest.js';
import type { ChangedPlugin, PluginInfo, PluginState } from '../../protocol/plugin-management.js';
import type { Colors } from '../colors.js';
import { formatError } from '../report-failure.js';

const STATES: Readonly<Partial<Record<PluginState, string>>> = {
  running: 'active',
  waiting: 'not needed yet',
  replaced: 'another one with this id runs in its place',
  refused: 'does not run',
  off: 'not running, since no core is',
};

const SOURCES = {
  development: 'in development',
  folder: 'given by its folder',
  library: 'installed',
} as const;

/** What the permission lets a plugin do, for people. */
export function describePermission(permission: string): string {
  const known: Readonly<Record<string, string>> = PERMISSIONS;
  return known[permission] ?? permission;
}

/** A few lines on one plugin: the first says what it is and does, the others what it may, and what is wrong. */
export function pluginReport(plugin: PluginInfo, colors: Colors): string[] {
  const { id, version, state, source, tier, asked, granted, error } = plugin;
  const how = tier === undefined ? SOURCES[source] : `${SOURCES[source]}, ${tier}`;
  return [
    `${colors.bold(id)} ${version}  ${colored(state, colors)}  ${colors.dim(how)}`,
    ...asked.map((name) =>
      granted.includes(name)
        ? `  may ${describePermission(name)} (${name})`
        : `  may not ${describePermission(name)} (${name}), though it asks for it`,
    ),
    ...(error === undefined ? [] : [colors.red(`  ${formatError(error)}`)]),
  ];
}

/** One line for scripts' logs and people: what has become of a plugin. */
export function changeReport(done: string, { plugin }: ChangedPlugin, colors: Colors): string[] {
  const { id, version, state, error } = plugin;
  return [
    `${done} ${id} ${version}: ${colored(state, colors)}`,
    ...(error === undefined ? [] : [colors.red(`  ${formatError(error)}`)]),
  ];
}

function colored(state: PluginState, colors: Colors): string {
  const text = STATES[state] ?? state;
  if (state === 'running' || state === 'waiting') return colors.green(text);
  return state === 'failed' || state === 'quarantined' || state === 'refused'
    ? colors.red(text)
    : colors.yellow(text);
}
