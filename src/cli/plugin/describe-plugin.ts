import { STORAGE_MB } from '../../plugins/manifest.js';
import { ExitCodes } from '../../protocol/exit-codes.js';
import { describePermission } from '../../protocol/permissions/permissions.js';
import type { ChangedPlugin, PluginInfo, PluginState } from '../../protocol/plugin-management.js';
import type { CliContext } from '../cli-context.js';
import type { JsonOptions } from '../options.js';
import { exitCodeOf, formatError } from '../report-failure.js';
import { bold, dim, green, red, type Styled, styled, yellow } from '../terminal/styled.js';

const STATES: Readonly<Partial<Record<PluginState, string>>> = {
  running: 'active',
  waiting: 'not needed yet',
  replaced: 'another one with this id runs in its place',
  refused: 'does not run',
  off: 'not running: no core is running',
};

const SOURCES = {
  development: 'in development',
  folder: 'from a folder',
  library: 'installed',
} as const;

/** A few lines about one plugin: the first has its name and state, the others its permissions and errors. */
export function pluginReport(plugin: PluginInfo): Styled[] {
  const { id, version, state, source, tier, storageMb, error } = plugin;
  const how = tier === undefined ? SOURCES[source] : `${SOURCES[source]}, ${tier}`;
  return [
    styled`${bold(id)} ${version}  ${colored(state)}  ${dim(how)}`,
    ...permissionLines(plugin),
    ...(storageMb === STORAGE_MB ? [] : [styled`  may store up to ${storageMb} MB`]),
    ...(error === undefined ? [] : [red(`  ${formatError(error)}`)]),
  ];
}

function permissionLines({ asked, optional, granted }: PluginInfo): Styled[] {
  // A part of what it asks for can be granted as well.
  const names = [...new Set([...granted, ...asked, ...optional])];
  return names.map((name) => {
    const what = styled`${describePermission(name)} (${name})`;
    if (granted.includes(name)) return styled`  may ${what}`;
    return asked.includes(name)
      ? styled`  may not ${what}, though it requests it`
      : styled`  may ask to ${what}`;
  });
}

/** A change of a plugin and its state now, in one line; an error follows on a separate line. */
export function changeReport(done: string, { plugin }: ChangedPlugin): Styled[] {
  const { id, version, state, error } = plugin;
  return [
    styled`${done} ${id} ${version}: ${colored(state)}`,
    ...(error === undefined ? [] : [red(`  ${formatError(error)}`)]),
  ];
}

function colored(state: PluginState): Styled {
  const text = STATES[state] ?? state;
  if (state === 'running' || state === 'waiting') return green(text);
  return state === 'failed' || state === 'quarantined' || state === 'refused' ? red(text) : yellow(text);
}

/** @param done What has been done, as in "installed". */
export function printChange(
  done: string,
  changed: ChangedPlugin,
  { json }: JsonOptions,
  { stdout }: CliContext,
): void {
  if (json === true) stdout.json(changed);
  else stdout.line(...changeReport(done, changed));
}

/** Prints a change after which the plugin should run. @returns the exit code: that of the reason why it does not. */
export function printStart(
  done: string,
  changed: ChangedPlugin,
  options: JsonOptions,
  context: CliContext,
): number {
  printChange(done, changed, options, context);
  const { id, error } = changed.plugin;
  if (error === undefined) return ExitCodes.ok;
  context.stderr.line(
    styled`"${id}" is ${done}, but does not run. Once what it lacks is there: bulkhead plugin restart ${id}`,
  );
  return exitCodeOf(error.code);
}
