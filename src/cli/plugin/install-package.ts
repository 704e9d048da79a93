import { rmSync } from 'node:fs';
import { constants, setPriority } from 'node:os';
import type { InstalledPlugin } from '../../plugins/installed-plugin.js';
import { sourceOf } from '../../plugins/library/package-source.js';
import type { PackageSpec } from '../../plugins/library/package-spec.js';
import { PluginLibrary } from '../../plugins/library/plugin-library.js';
import { haveSameFiles } from '../../plugins/library/same-files.js';
import { stagePackage } from '../../plugins/library/stage-package.js';
import { BulkheadError, ErrorCodes } from '../../protocol/errors.js';
import type {
  ChangedPlugin,
  PluginInfo,
  PluginManagement,
  StoredData,
} from '../../protocol/plugin-management.js';
import type { CliContext } from '../cli-context.js';
import { yellow } from '../terminal/styled.js';
import { consentToDowngrade, consentToSource, grantedTo } from './consent.js';

export interface InstallOptions {
  /** Grants what the plugin asks for, without asking the user. */
  readonly yes: boolean;
  /**
   * What to do with stored data of another plugin with the same id; the user is asked if it is undefined.
   */
  readonly data?: StoredData | undefined;
  /**
   * Only replaces an installed plugin, and does nothing if it is the same.
   */
  readonly update: boolean;
}

/**
 * Downloads, unpacks and checks a package, asks for consent to its permissions, and installs it.
 *
 * @returns `unchanged` if an update found the very version that is installed.
 * @throws `permission.denied` if the streamer refuses what it is asked for.
 */
export async function installPackage(
  spec: PackageSpec,
  plugins: PluginManagement,
  { yes, update, data }: InstallOptions,
  context: CliContext,
): Promise<ChangedPlugin> {
  lowerPriority();
  const { library: folder, plugins: known, kept } = await plugins.list();
  const library = new PluginLibrary(folder);
  const { plugin, staged, spec: name } = await stagePackage(spec, library);
  try {
    const before = findInstalled(known, plugin.id);
    if (update && before === undefined) throw notInstalled(plugin.id);
    const stored = before ?? kept.find(({ id }) => id === plugin.id);
    const isOther = stored?.spec !== undefined && sourceOf(stored.spec) !== sourceOf(name);
    if (update && before !== undefined && !isOther && isSame(plugin, before, spec.kind)) {
      return { plugin: before, before: before.version, unchanged: true };
    }
    for (const warning of plugin.warnings) context.stderr.line(yellow(`warning: ${warning}`));
    const consent = isOther ? await consentToSource(plugin.id, stored.spec, name, data, context) : undefined;
    if (before !== undefined && consent !== 'fresh')
      await consentToDowngrade(plugin, before.version, yes, context);
    // Permissions of another plugin do not apply to one that starts with fresh data.
    const granted = await grantedTo(plugin, consent === 'fresh' ? undefined : before, yes, context);
    return await plugins.install({
      staged,
      spec: name,
      granted,
      storageMb: plugin.storageMb,
      data: consent,
    });
  } finally {
    rmSync(library.stagingPath(staged), { recursive: true, force: true });
  }
}

/** A version on npm never changes; a folder or an archive may. */
function isSame(plugin: InstalledPlugin, before: PluginInfo, kind: PackageSpec['kind']): boolean {
  return plugin.version === before.version && (kind === 'npm' || haveSameFiles(before.path, plugin.path));
}

/** Unpacking uses much CPU and disk: a broadcast on this machine has priority. */
function lowerPriority(): void {
  try {
    setPriority(constants.priority.PRIORITY_LOW);
  } catch {
    // Not permitted on every system; then the priority stays the same.
  }
}

/** The installed plugin with this id. */
export function findInstalled(plugins: readonly PluginInfo[], id: string): PluginInfo | undefined {
  return plugins.find((plugin) => plugin.id === id && plugin.source === 'library');
}

export function notInstalled(id: string): BulkheadError {
  return new BulkheadError(ErrorCodes.pluginNotInstalled, `the plugin "${id}" is not installed`, {
    where: id,
    remedy: 'See "bulkhead plugin list".',
  });
}
