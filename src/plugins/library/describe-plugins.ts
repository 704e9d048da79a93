import type { BulkheadError } from '../../protocol/errors.js';
import type { PluginInfo } from '../../protocol/plugin-management.js';
import type { ExtensionHostStatus } from '../../protocol/status/extension-host-status.js';
import type { InstalledPlugin } from '../installed-plugin.js';
import { joinErrors } from '../plugin-error.js';
import type { LibraryPlugin } from './plugin-library.js';
import type { RunningPlugins } from './running-plugins.js';

/** The information about each plugin of all sources, ordered by id; of one id, the running one first. */
export function describePlugins(installed: readonly LibraryPlugin[], running: RunningPlugins): PluginInfo[] {
  const given = running.plugins.filter(({ source }) => source !== 'library');
  const found = [
    ...given.map((plugin) => ({ ...factsOf(plugin), ...stateOf(plugin, running) })),
    ...installed.map((one) => describeInstalled(one, running)),
  ];
  return found.sort((a, b) => a.id.localeCompare(b.id));
}

function describeInstalled({ entry, plugin, errors }: LibraryPlugin, running: RunningPlugins): PluginInfo {
  const { id, version, spec, installedAt, granted, storageMb, origin, previous, leftVersion } = entry;
  const record = {
    spec,
    installedAt,
    ...(origin && { origin }),
    ...(previous && { previous: previous.version }),
    ...(leftVersion !== undefined && { leftVersion }),
  };
  if (plugin === undefined) {
    const broken = {
      id,
      version,
      source: 'library',
      path: '',
      asked: [],
      optional: [],
      granted,
      storageMb,
      ...record,
    } as const;
    return { ...broken, ...failed(errors) };
  }
  const facts = { ...factsOf(plugin), ...record };
  return entry.enabled ? { ...facts, ...stateOf(plugin, running) } : { ...facts, state: 'disabled' };
}

function factsOf({
  id,
  version,
  displayName,
  source,
  path,
  permissions,
  optionalPermissions,
  granted,
  storageMb,
}: InstalledPlugin) {
  return {
    ...{ id, version, displayName, source, path },
    ...{ asked: permissions, optional: optionalPermissions, granted, storageMb },
  };
}

function failed(errors: readonly BulkheadError[]): Pick<PluginInfo, 'state' | 'error'> {
  return { state: 'refused', error: joinErrors(errors).toData() };
}

type Running = Pick<PluginInfo, 'state' | 'error' | 'pid' | 'restarts' | 'tier'>;

function stateOf(plugin: InstalledPlugin, running: RunningPlugins): Running {
  const refusal = running.refused.find((refused) => refused.plugin.path === plugin.path);
  if (refusal !== undefined) return failed(refusal.errors);
  const current = running.find(plugin.id);
  if (current !== undefined && current.path !== plugin.path) return { state: 'replaced' };
  const status = running.status().find(({ plugins }) => plugins.includes(plugin.id));
  return current === undefined || status === undefined ? { state: 'off' } : ofHost(plugin, status);
}

function ofHost({ id }: InstalledPlugin, status: ExtensionHostStatus): Running {
  const { pid, restarts, tier, error, waiting = [], failed = [], state } = status;
  const facts = { pid, restarts, tier };
  const own = failed.find(({ plugin }) => plugin === id);
  if (own !== undefined) return { ...facts, state: state === 'running' ? 'failed' : state, error: own.error };
  if (state !== 'running') return { ...facts, state, error };
  // What the host reports as its error is then that of another plugin in it.
  const its = failed.length === 0 ? error : undefined;
  return { ...facts, state: waiting.includes(id) ? 'waiting' : state, error: its };
}
