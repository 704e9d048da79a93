import { rmSync } from 'node:fs';
import { constants, setPriority } from 'node:os';
import { sourceOf } from '../../plugins/library/package-source.js';
import type { PackageSpec } from '../../plugins/library/package-spec.js';
import { PluginLibrary } from '../../plugins/library/plugin-library.js';
import { stagePackage } from '../../plugins/library/stage-package.js';
import { BulkheadError, ErrorCodes } from '../../protocol/errors.js';
import type {
  ChangedPlugin,
  PluginInfo,
  PluginManagement,
  StoredData,
} from '../../protocol/plugin-management.js';
import type { CliContext } from '../cli-context.js';
import { consentToSource, grantedTo } from './consent.js';

export interface InstallOptions {
  /** Grant what the plugin asks for, without asking. */
  readonly yes: boolean;
  /** What becomes of what is stored of another plugin with the same id; asked for where it is not given. */
  readonly data?: StoredData | undefined;
  /** Only another version of a plugin that is installed; one from npm that is the same is left alone. */
  readonly update: boolean;
}

/**
 * Fetches, unpacks and checks a package here, asks for what it wants to do, and has it installed.
 *
 * @returns Undefined when it was up to date.
 */
export async function installPackage(
  spec: PackageSpec,
  plugins: PluginManagement,
  { yes, update, data }: InstallOptions,
  context: CliContext,
): Promise<ChangedPlugin | undefined> {
  goBehindBroadcast();
  const { library: folder, plugins: known, kept } = await plugins.list();
  const library = new PluginLibrary(folder);
  const { plugin, staged, spec: name } = await stagePackage(spec, library);
  try {
    const before = findInstalled(known, plugin.id);
    if (update && before === undefined) throw notInstalled(plugin.id);
    if (update && spec.kind === 'npm' && before?.version === plugin.version) return undefined;
    const stored = before ?? kept.find(({ id }) => id === plugin.id);
    const isOther = stored?.spec !== undefined && sourceOf(stored.spec) !== sourceOf(name);
    const consent = isOther ? await consentToSource(plugin.id, stored.spec, name, data, context) : undefined;
    // What another plugin has been granted says nothing of one that starts fresh.
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

/** Unpacking can keep a processor and the disk busy: a broadcast on this machine goes first. */
function goBehindBroadcast(): void {
  try {
    setPriority(constants.priority.PRIORITY_LOW);
  } catch {
    // Not every system lets a process do so; then it is as fast as it was.
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
