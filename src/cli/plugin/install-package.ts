import { rmSync } from 'node:fs';
import { constants, setPriority } from 'node:os';
import semver from 'semver';
import { sourceOf } from '../../plugins/library/package-source.js';
import type { PackageSpec } from '../../plugins/library/package-spec.js';
import { PluginLibrary } from '../../plugins/library/plugin-library.js';
import { haveSameFiles } from '../../plugins/library/same-files.js';
import { type StagedPackage, stagePackage } from '../../plugins/library/stage-package.js';
import { checkOrigin } from '../../plugins/npm/check-origin.js';
import { openRegistry, type RegistryClient } from '../../plugins/npm/registry-client.js';
import { type ResolvedPackage, resolvePackage } from '../../plugins/npm/resolve-package.js';
import { BulkheadError, ErrorCodes } from '../../protocol/errors.js';
import type {
  ChangedPlugin,
  PackageOrigin,
  PluginInfo,
  PluginList,
  PluginManagement,
  StoredData,
} from '../../protocol/plugin-management.js';
import type { CliContext } from '../cli-context.js';
import { styled, yellow } from '../terminal/styled.js';
import { consentToDowngrade, consentToSource } from './consent.js';
import { grantedToAll } from './consent-to-all.js';
import { originReport } from './describe-origin.js';
import { stageDependencies } from './stage-dependencies.js';

export interface InstallOptions {
  /** Grants what the plugin asks for, without asking the user. */
  readonly yes: boolean;
  /**
   * What to do with stored data of another plugin with the same id; the user is asked if it is undefined. It is about the
   * plugin that the streamer has named, not those that it depends on; so is {@link acceptChangedSource}.
   */
  readonly data?: StoredData | undefined;
  /** Accepts that another publisher or source has built it than the version before. */
  readonly acceptChangedSource?: boolean | undefined;
  /** The installed plugin that it replaces; it does nothing if it is the same. Undefined for an installation. */
  readonly update?: 'named' | 'all' | undefined;
  /** Called for each dependency that has been installed before the plugin. */
  readonly onDependency: (changed: ChangedPlugin) => void;
}

/** Opens the registry once, when it is first needed: npm takes a moment to say which one it is. */
export function openOnce(): () => Promise<RegistryClient> {
  let opening: Promise<RegistryClient> | undefined;
  return () => {
    opening ??= openRegistry();
    return opening;
  };
}

/**
 * Downloads, unpacks and checks a package and what it depends on, asks for consent to their permissions, and installs them.
 *
 * @returns `unchanged` if an update found the very version that is installed.
 * @throws `permission.denied` if the streamer refuses what it is asked for; `plugin.changedSource`; `registry.failed`.
 */
export async function installPackage(
  spec: PackageSpec,
  plugins: PluginManagement,
  options: InstallOptions,
  context: CliContext,
  registry = openOnce(),
): Promise<ChangedPlugin> {
  lowerPriority();
  const list = await plugins.list();
  const resolved = spec.kind === 'npm' ? await resolvePackage(spec.spec, await registry()) : undefined;
  const same = resolved && options.update && unchangedPackage(resolved, spec, list, options.update);
  if (same) return { plugin: same, before: same.version, unchanged: true };
  const library = new PluginLibrary(list.library);
  const staged: StagedPackage[] = [];
  const stage = async (wanted: PackageSpec, found?: ResolvedPackage) => {
    const version =
      found ?? (wanted.kind === 'npm' ? await resolvePackage(wanted.spec, await registry()) : undefined);
    const one = await stagePackage(wanted, library, undefined, version);
    staged.push(one);
    return one;
  };
  try {
    const main = await stage(spec, resolved);
    const before = findInstalled(list.plugins, main.plugin.id);
    if (options.update !== undefined) {
      if (before === undefined) throw notReplaced(main, list.plugins);
      if (isUnchanged(main, before, spec)) return { plugin: before, before: before.version, unchanged: true };
    }
    if (resolved?.passedOver !== undefined) context.stderr.line(passedOverReport(resolved));
    const dependencies = await stageDependencies(main, list.plugins, stage);
    return await installAll([...dependencies, main], list, plugins, options, context);
  } finally {
    for (const { staged: name } of staged)
      rmSync(library.stagingPath(name), { recursive: true, force: true });
  }
}

/**
 * Asks for all consents to the packages, then installs them.
 *
 * @param packages Each after those that it depends on; the last one is what the streamer wants.
 * @throws as {@link installPackage}; before anything is installed unless the installation itself fails
 */
export async function installAll(
  packages: readonly StagedPackage[],
  { plugins: known, kept, enforcesScopes }: PluginList,
  plugins: Pick<PluginManagement, 'install'>,
  options: InstallOptions,
  context: CliContext,
): Promise<ChangedPlugin> {
  const { yes, onDependency } = options;
  const last = packages.length - 1;
  const consents: (StoredData | undefined)[] = [];
  const requests = [];
  for (const [index, staged] of packages.entries()) {
    const { plugin } = staged;
    const before = findInstalled(known, plugin.id);
    const stored = before ?? kept.find(({ id }) => id === plugin.id);
    for (const warning of plugin.warnings) context.stderr.line(yellow(`warning: ${warning}`));
    const consent =
      index === last
        ? await consentToStored(staged, stored, options, context)
        : await consentToDependency(staged, stored, context);
    if (before !== undefined && consent !== 'fresh') {
      await consentToDowngrade(plugin, before.version, yes, context);
    }
    consents.push(consent);
    // Permissions of another plugin do not apply to one that starts with fresh data.
    requests.push({ staged, before: consent === 'fresh' ? undefined : before });
  }
  const granted = await grantedToAll(requests, { yes, enforcesScopes }, context);
  const install = (staged: StagedPackage, index: number) =>
    plugins.install({
      staged: staged.staged,
      spec: staged.spec,
      granted: granted[index] ?? [],
      storageMb: staged.plugin.storageMb,
      ...(consents[index] !== undefined && { data: consents[index] }),
      ...(staged.origin !== undefined && { origin: staged.origin }),
      ...(index === last && options.acceptChangedSource === true && { acceptChangedSource: true }),
    });
  for (const [index, staged] of packages.entries()) {
    const changed = await install(staged, index);
    if (index === last) return changed;
    onDependency(changed);
  }
  throw new Error('there is no package to install');
}

/** What is known of the plugin with that id which is, or was, installed. */
interface StoredPlugin {
  readonly spec?: string;
  readonly version?: string;
  readonly origin?: PackageOrigin | undefined;
}

/**
 * Says where a package comes from, and asks about stored data of a plugin with its id from elsewhere.
 *
 * @throws `plugin.changedSource`, `plugin.otherSource`, `permission.denied`
 */
async function consentToStored(
  { plugin, spec, origin }: StagedPackage,
  stored: StoredPlugin | undefined,
  { data, acceptChangedSource }: Pick<InstallOptions, 'data' | 'acceptChangedSource'>,
  context: CliContext,
): Promise<StoredData | undefined> {
  if (acceptChangedSource !== true) checkOrigin(plugin, stored, origin);
  if (origin !== undefined)
    context.stderr.line(styled`"${plugin.id}" ${plugin.version}:`, ...originReport(origin));
  const isOther = stored?.spec !== undefined && sourceOf(stored.spec) !== sourceOf(spec);
  return isOther ? consentToSource(plugin.id, stored.spec, spec, data, context) : undefined;
}

/**
 * The same for a dependency, without the options: any plugin can name a package for the id of another one, and what the
 * streamer has said of the plugin would give that package the other one's passwords.
 */
async function consentToDependency(
  staged: StagedPackage,
  stored: StoredPlugin | undefined,
  context: CliContext,
): Promise<StoredData | undefined> {
  try {
    return await consentToStored(staged, stored, {}, context);
  } catch (error) {
    const { code, message } = BulkheadError.from(error);
    if (code !== ErrorCodes.pluginOtherSource && code !== ErrorCodes.pluginChangedSource) throw error;
    throw new BulkheadError(code, message, {
      where: staged.plugin.id,
      remedy: `If it is meant, install it by itself first: bulkhead plugin install ${staged.spec}`,
      cause: error,
    });
  }
}

/** The plugin for which a package has nothing newer: found before anything is downloaded. */
function unchangedPackage(
  { version: { version }, origin }: ResolvedPackage,
  { spec }: PackageSpec,
  { plugins }: PluginList,
  update: 'named' | 'all',
): PluginInfo | undefined {
  return plugins.find(
    (plugin) =>
      plugin.source === 'library' &&
      plugin.spec === spec &&
      plugin.origin?.package === origin.package &&
      ((plugin.version === version && plugin.origin.integrity === origin.integrity) ||
        (update === 'all' && wasLeft(plugin, version))),
  );
}

/** Whether a rollback has left this version, or a newer one. */
function wasLeft({ leftVersion }: PluginInfo, version: string): boolean {
  return leftVersion !== undefined && semver.lte(version, leftVersion);
}

/** A version on npm never changes; a folder or an archive may. */
function isUnchanged(
  { plugin, origin }: StagedPackage,
  before: PluginInfo,
  { kind, spec }: PackageSpec,
): boolean {
  if (before.spec !== spec || plugin.version !== before.version) return false;
  return kind === 'npm'
    ? before.origin?.integrity === origin?.integrity
    : haveSameFiles(before.path, plugin.path);
}

/** Why there is nothing to update: the plugin is not installed, or its package has become another one. */
function notReplaced({ plugin, spec }: StagedPackage, known: readonly PluginInfo[]): BulkheadError {
  const former = known.find((one) => one.spec !== undefined && sourceOf(one.spec) === sourceOf(spec));
  if (former === undefined) return notInstalled(plugin.id);
  return new BulkheadError(
    ErrorCodes.pluginChangedSource,
    `${spec} is now the plugin "${plugin.id}", and no longer "${former.id}"`,
    {
      where: former.id,
      remedy: 'Ask its author. "bulkhead plugin install" installs it beside the other one.',
    },
  );
}

function passedOverReport({ origin, version, passedOver }: ResolvedPackage) {
  return styled`${origin.package} ${passedOver?.version ?? ''} needs another version of Bulkhead; ${version.version} is the newest that runs here.`;
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
