import { BulkheadError, ErrorCodes } from '../../protocol/errors.js';
import {
  coversPermission,
  describePermission,
  isCovered,
  isPermission,
  type Permission,
  permissionProblem,
  scopedPermission,
} from '../../protocol/permissions/permissions.js';
import type {
  ChangedPlugin,
  InstallParams,
  PluginInfo,
  PluginList,
  PluginManagement,
  RemoveParams,
  SetEnabledParams,
  SetPermissionParams,
} from '../../protocol/plugin-management.js';
import { combinePlugins } from '../combine-plugins.js';
import type { InstalledPlugin } from '../installed-plugin.js';
import { joinErrors } from '../plugin-error.js';
import { describePlugins } from './describe-plugins.js';
import type { PluginLibrary, PreparedVersion } from './plugin-library.js';
import { type LibraryEntry, versionOf } from './registry.js';
import type { RunningPlugins } from './running-plugins.js';

export interface PluginManagerOptions {
  /** If it is not open, changes are refused. */
  readonly library: PluginLibrary;
  readonly running: RunningPlugins;
  /** Deletes all stored data of a plugin. */
  readonly purge: (id: string) => Promise<void>;
  /** What isolates plugins from the rest of this machine and what does not, in one sentence. */
  readonly isolation: string;
  /** Whether that holds hostile code to the scopes of its permissions. */
  readonly enforcesScopes: boolean;
  /** Awaited before the library's folder is accessed: rejects if its disk does not respond. */
  readonly answering?: (folder: string) => Promise<void>;
}

/**
 * Manages plugins, one change at a time: in the core, and for a command when no core runs. An installation is written to
 * the disk before it is reported as done, and a change that fails leaves the previous state.
 */
export class PluginManager implements PluginManagement {
  private turn: Promise<unknown> = Promise.resolve();

  constructor(private readonly options: PluginManagerOptions) {}

  /** Runs the installed and enabled plugins. */
  start(): void {
    this.options.running.setLibrary(this.options.library.enabled());
  }

  async list(): Promise<PluginList> {
    const { library, running, isolation, enforcesScopes } = this.options;
    await this.options.answering?.(library.folder);
    return {
      plugins: describePlugins(library.list(), running),
      isolation,
      enforcesScopes,
      library: library.folder,
      kept: library.kept,
    };
  }

  install(params: InstallParams): Promise<ChangedPlugin> {
    return this.inTurn(async () => {
      const { library } = this.options;
      const prepared = await library.prepare(params);
      return this.replace(prepared, async (id) => {
        if (params.data === 'fresh') await this.forget(id);
      });
    });
  }

  rollback({ id }: { readonly id: string }): Promise<ChangedPlugin> {
    return this.inTurn(() => this.replace(this.options.library.versionBefore(id)));
  }

  setEnabled({ id, enabled, force }: SetEnabledParams): Promise<ChangedPlugin> {
    return this.inTurn(async () => {
      const { library, running } = this.options;
      const { entry, plugin, errors } = library.get(id);
      if (enabled) {
        if (plugin === undefined) throw joinErrors(errors);
        if (!force) this.checkWithOthers(plugin);
      } else if (!force) this.checkNotNeeded(id, 'disable');
      await library.setEnabled(id, enabled);
      running.setLibrary(library.enabled());
      const failure = await failureOf(running.activeAgain(id));
      return this.changed(id, entry, enabled ? failure : undefined);
    });
  }

  setPermission({ id, permission, granted }: SetPermissionParams): Promise<ChangedPlugin> {
    return this.inTurn(async () => {
      const { library, running } = this.options;
      const { entry, plugin, errors } = library.get(id);
      if (plugin === undefined) throw joinErrors(errors);
      const named = permissionOf(plugin, permission, granted);
      if (!granted) checkNotIncluded(named, plugin);
      const others = entry.granted.filter((one) => !coversPermission(named, one));
      await library.setGranted(id, granted ? [...others, named] : others);
      running.setLibrary(library.enabled());
      await running.activeAgain(id).catch(() => {});
      return this.changed(id, entry);
    });
  }

  remove({ id, purge, force }: RemoveParams): Promise<ChangedPlugin> {
    return this.inTurn(async () => {
      const { library, running } = this.options;
      const before = this.describe(id);
      if (!force) this.checkNotNeeded(id, 'remove');
      const entry = await library.remove(id, purge);
      running.setLibrary(library.enabled());
      await running.activeAgain(id).catch(() => {});
      await this.discardAll(entry);
      if (purge) await this.options.purge(id);
      return { plugin: { ...before, state: 'off' }, before: entry.version };
    });
  }

  restart({ id }: { readonly id: string }): Promise<ChangedPlugin> {
    return this.inTurn(async () => {
      await this.options.running.restart(id);
      return { plugin: this.describe(id) };
    });
  }

  /**
   * Makes a version the installed one. If it fails, the version before is installed and runs again.
   *
   * @param make Called before it runs, once it is known that it could.
   */
  private async replace(
    { entry, plugin }: PreparedVersion,
    make: (id: string) => Promise<void> = async () => {},
  ): Promise<ChangedPlugin> {
    const { library, running } = this.options;
    const { id, enabled } = entry;
    let before: LibraryEntry | undefined;
    let failure: BulkheadError | undefined;
    try {
      if (enabled) this.checkWithOthers(plugin);
      await make(id);
      before = library.find(id)?.entry;
      if (enabled) failure = await this.tryOut(plugin, before);
      await library.commit(before === undefined ? entry : { ...entry, previous: versionOf(before) });
    } catch (error) {
      running.setLibrary(library.enabled());
      await running.activeAgain(id).catch(() => {});
      await library.discard(entry);
      throw error;
    }
    if (before?.previous !== undefined) await library.discard(before.previous);
    return this.changed(id, before, failure);
  }

  /** Ends and removes the plugin with this id, and deletes its stored data. */
  private async forget(id: string): Promise<void> {
    const { library, running, purge } = this.options;
    const before = library.find(id);
    if (before !== undefined) {
      await library.remove(id, true);
      running.setLibrary(library.enabled());
      await running.activeAgain(id).catch(() => {});
      await this.discardAll(before.entry);
    }
    await purge(id);
  }

  private async discardAll(entry: LibraryEntry): Promise<void> {
    await this.options.library.discard(entry);
    if (entry.previous !== undefined) await this.options.library.discard(entry.previous);
  }

  /**
   * Runs it in place of the version before, if that is enabled.
   *
   * @returns Why a new plugin is not active: it may be waiting for its settings, and stays installed.
   * @throws `plugin.failed` if there is a version before to run again.
   */
  private async tryOut(
    plugin: InstalledPlugin,
    before: LibraryEntry | undefined,
  ): Promise<BulkheadError | undefined> {
    const { running } = this.options;
    const { id, version } = plugin;
    running.setLibrary(this.enabledWith(plugin));
    const failure = await failureOf(running.activeAgain(id));
    if (failure === undefined || before === undefined) return failure;
    const kept = before.version === version ? 'the one before' : before.version;
    throw new BulkheadError(
      ErrorCodes.pluginFailed,
      `"${id}" ${version} was not activated, so ${kept} stays installed and runs again: ${failure.message}`,
      { where: id, cause: failure },
    );
  }

  private enabledExcept(id: string): InstalledPlugin[] {
    return this.options.library.enabled().filter((plugin) => plugin.id !== id);
  }

  /** With another version in its place: where two plugins conflict, the one that was installed first runs. */
  private enabledWith(plugin: InstalledPlugin): InstalledPlugin[] {
    const before = this.options.library.enabled();
    if (!before.some(({ id }) => id === plugin.id)) return [...before, plugin];
    return before.map((other) => (other.id === plugin.id ? plugin : other));
  }

  /** All plugins there would be with these installed ones. */
  private combinedWith(library: readonly InstalledPlugin[]) {
    const others = this.options.running.plugins.filter(({ source }) => source !== 'library');
    return combinePlugins([...others, ...library]);
  }

  /** @throws `plugin.invalid` if it, or another one because of it, could not run. */
  private checkWithOthers(plugin: InstalledPlugin): void {
    const before = this.combinedWith(this.options.library.enabled());
    const after = this.combinedWith(this.enabledWith(plugin));
    const refusals = after.refused.filter(
      ({ plugin: { id } }) => id === plugin.id || !before.refused.some((other) => other.plugin.id === id),
    );
    if (refusals.length > 0) throw joinErrors(refusals.flatMap(({ errors }) => errors));
  }

  /** @throws `plugin.needed` */
  private checkNotNeeded(id: string, what: 'disable' | 'remove'): void {
    const before = this.combinedWith(this.options.library.enabled()).plugins;
    const after = this.combinedWith(this.enabledExcept(id)).plugins;
    const needing = before.filter(
      (plugin) => plugin.id !== id && !after.some((other) => other.id === plugin.id),
    );
    if (needing.length === 0) return;
    const names = needing.map((plugin) => `"${plugin.id}"`).join(', ');
    throw new BulkheadError(ErrorCodes.pluginNeeded, `the plugin "${id}" is needed by ${names}`, {
      where: id,
      remedy: `${what === 'disable' ? 'Disable' : 'Remove'} ${needing.length === 1 ? 'that' : 'those'} first, or give --force.`,
    });
  }

  /** @param failure Why it is not active; its host may have forgotten. */
  private changed(id: string, before: LibraryEntry | undefined, failure?: BulkheadError): ChangedPlugin {
    const plugin = this.describe(id);
    const error = plugin.error ?? failure?.toData();
    return { plugin: error === undefined ? plugin : { ...plugin, error }, before: before?.version };
  }

  /** @throws `plugin.notInstalled` */
  private describe(id: string): PluginInfo {
    const { library, running } = this.options;
    const all = describePlugins(library.list(), running).filter((plugin) => plugin.id === id);
    const [found] = all.filter(({ source }) => source === 'library').concat(all);
    if (found === undefined) library.get(id);
    return found as PluginInfo;
  }

  private inTurn<T>(change: () => Promise<T>): Promise<T> {
    const result = this.turn.then(() => this.options.answering?.(this.options.library.folder)).then(change);
    this.turn = result.catch(() => {});
    return result;
  }
}

async function failureOf(work: Promise<void>): Promise<BulkheadError | undefined> {
  try {
    await work;
    return undefined;
  } catch (error) {
    return BulkheadError.from(error);
  }
}

/**
 * The permission that is named, to be granted within what the plugin asks for, or to be revoked with all that it includes.
 *
 * @throws `permission.denied` if the plugin does not ask for it.
 */
function permissionOf(
  { id, permissions, optionalPermissions }: InstalledPlugin,
  named: string,
  granted: boolean,
): Permission {
  const asked = [...permissions, ...optionalPermissions];
  const problem = scopedPermission(named) === undefined ? undefined : permissionProblem(named);
  if (problem === undefined && isPermission(named)) {
    const isAsked =
      isCovered(named, asked) || (!granted && asked.some((one) => coversPermission(named, one)));
    if (isAsked) return named;
  }
  const list = asked.map((name) => `"${name}"`).join(', ');
  const requests = asked.length === 0 ? 'It requests none.' : `It requests ${list}.`;
  throw new BulkheadError(
    ErrorCodes.permissionDenied,
    problem === undefined ? `the plugin "${id}" does not request "${named}"` : `"${named}": ${problem}`,
    { where: id, remedy: requests },
  );
}

/** @throws `permission.denied` for a part of what has been granted, which would stay. */
function checkNotIncluded(named: Permission, { id, granted }: InstalledPlugin): void {
  const wider = granted.find((one) => one !== named && coversPermission(one, named));
  if (wider === undefined || granted.includes(named)) return;
  throw new BulkheadError(
    ErrorCodes.permissionDenied,
    `the plugin "${id}" may ${describePermission(wider)}, which includes "${named}"`,
    {
      where: id,
      remedy: `Revoke "${wider}", and allow less: "bulkhead plugin allow ${id} ${named}" is possible after that.`,
    },
  );
}
