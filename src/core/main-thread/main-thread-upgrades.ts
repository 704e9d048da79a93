import { isDeepStrictEqual } from 'node:util';
import type { StoredCommand } from '@bulkhead/extension-api';
import { inject, injectable } from 'inversify';
import type { Disposable } from 'vscode-jsonrpc';
import { checkValue } from '../../base/check-value.js';
import * as z from '../../base/zod.js';
import {
  KeybindingsSchema,
  MOST_COMMAND_CHARACTERS,
  MOST_KEYBINDINGS,
} from '../../config/keybinding-schema.js';
import { PluginSettingSchema } from '../../config/schema.js';
import type { ConfiguredKeybinding } from '../../keys/keybinding-order.js';
import type { InstalledPlugin } from '../../plugins/installed-plugin.js';
import { noSuchPlugin } from '../../plugins/plugin-error.js';
import { isOwnCommand, ownCommandExpectation } from '../../plugins/plugin-name.js';
import { findSettingMistakes } from '../../plugins/settings.js';
import { boundedList, boundedRecord, boundedTree } from '../../protocol/bounded.js';
import { BulkheadError, ErrorCodes } from '../../protocol/errors.js';
import {
  type BeginUpgradeParams,
  BeginUpgradeRequest,
  CommitUpgradeRequest,
  MAX_UPGRADE_SCRIPTS,
  ReadUpgradedStateRequest,
  UpgradeDueNotification,
  type UpgradeRun,
  UpgradeScriptNotification,
  type UpgradeTask,
} from '../../protocol/plugin-upgrades.js';
import type { OwnSettings } from '../broadcast/kept/kept-upgrades.js';
import { Log } from '../log/log.js';
import { NoticeSink } from '../streamer/notice-sink.js';
import { CallRates } from './call-rates.js';
import { FromPluginSchema } from './host-channel.js';
import { LiveSettings, type UpgradableSettings } from './live-settings.js';
import type { MainThreadNamespace, ServedHost } from './main-thread-namespace.js';
import { PluginStorage } from './plugin-storage.js';
import { storedCommand, withCommand } from './stored-commands.js';

/** Settings of one plugin. */
const MAX_SETTINGS = 400;
/** In all settings of one plugin, at any depth. */
const MAX_VALUES = 30_000;
/** In a setting that scripts have changed, at any depth: as many as a plugin can set. What the streamer has written may be more. */
const MAX_CHANGED_VALUES = 1010;

const CommandName = z.string().min(1).max(MOST_COMMAND_CHARACTERS);
/** For a run of the state alone. */
const NOTHING = { settings: {}, commands: [] };

const Begin = FromPluginSchema.extend({ scripts: z.int().min(0).max(MAX_UPGRADE_SCRIPTS) });
const ReadState = FromPluginSchema.extend({ profile: z.string().max(100).optional() });
/** 0 when none runs any more. */
const Script = FromPluginSchema.extend({ script: z.int().min(0).max(MAX_UPGRADE_SCRIPTS) });
const Result = z.object({
  settings: boundedRecord(PluginSettingSchema, MAX_SETTINGS),
  commands: boundedList(
    z.object({ command: CommandName, args: boundedList(z.unknown(), MAX_VALUES) }),
    MOST_KEYBINDINGS,
  ),
});
const Commit = boundedTree(FromPluginSchema.extend({ results: boundedList(Result, 3) }), MAX_VALUES);
const Changed = boundedTree(z.unknown(), MAX_CHANGED_VALUES);

/** What all hosts share. */
interface Services {
  readonly storage: PluginStorage;
  readonly live: LiveSettings;
  readonly notices: NoticeSink;
  readonly log: Pick<Log, 'info' | 'warn'>;
  /** Scripts that have ended their host, until that was said, by {@link versionOf}. */
  readonly fatal: Map<string, number>;
}

/**
 * Has plugins' upgrade scripts applied to what is stored for them, each once. Nothing changes before all of them have returned, and what they have
 * returned has been checked. Its pair in the host is `ExtHostUpgrades`.
 */
@injectable()
export class MainThreadUpgrades implements MainThreadNamespace {
  private readonly fatal = new Map<string, number>();

  constructor(
    @inject(PluginStorage) private readonly storage: PluginStorage,
    @inject(LiveSettings) private readonly live: LiveSettings,
    @inject(NoticeSink) private readonly notices: NoticeSink,
    @inject(Log) private readonly log: Pick<Log, 'info' | 'warn'>,
  ) {}

  serve(host: ServedHost): Disposable {
    const { storage, live, notices, log, fatal } = this;
    return new HostUpgrades(host, { storage, live, notices, log, fatal });
  }
}

/** An upgrade whose results have not arrived. */
interface Begun {
  readonly scripts: number;
  /** How many have been applied to the state, if it is upgraded. */
  readonly state: number | undefined;
  readonly profiles: readonly string[];
  /** The settings, if they are upgraded, and which runs are for them. */
  readonly settings:
    | { readonly before: UpgradableSettings; readonly wanted: number; readonly configured: number }
    | undefined;
}

/** The upgrades of one host's plugins. */
class HostUpgrades implements Disposable {
  private readonly rates = new CallRates();
  /** How many scripts each of its plugins has. */
  private readonly scripts = new Map<string, number>();
  private readonly begun = new Map<string, Begun>();
  private readonly running = new Map<string, number>();
  private readonly watching: Disposable;

  constructor(
    private readonly host: ServedHost,
    private readonly services: Services,
  ) {
    const { channel } = host;
    channel.serve(BeginUpgradeRequest.type, Begin, (params) => this.begin(params));
    channel.serve(ReadUpgradedStateRequest.type, ReadState, (params) => this.readState(params));
    channel.receive(UpgradeScriptNotification.type, Script, ({ plugin, script }) => {
      if (script === 0) this.running.delete(plugin);
      else this.running.set(plugin, script);
    });
    channel.serve(CommitUpgradeRequest.type, Commit, async ({ plugin, results }) => {
      await this.commit(plugin, results);
      return null;
    });
    this.watching = services.live.onDidBegin(() => {
      // What is made of the settings of before is of no use; the state is the same.
      for (const [plugin, begun] of this.begun) this.begun.set(plugin, { ...begun, settings: undefined });
      for (const plugin of this.scripts.keys()) {
        channel.sendNotification(UpgradeDueNotification.type, { plugin });
      }
    });
  }

  private async begin({ plugin: id, scripts }: BeginUpgradeParams): Promise<UpgradeTask> {
    this.rates.change(id);
    const plugin = this.pluginCalled(id);
    this.checkFatal(plugin, scripts);
    if ((this.scripts.get(id) ?? scripts) !== scripts)
      throw failed(id, 'its upgrade scripts have become others');
    this.scripts.set(id, scripts);
    const { storage, live } = this.services;
    const { applied: known, first } = await storage.upgrades.applied(id, scripts);
    const applied = known > scripts ? await this.goBack(plugin, known, scripts) : known;
    if (await live.goBack(plugin, scripts))
      this.tellSettings(plugin, 'has again the settings of before its upgrade');
    const before = live.upgradable(plugin, first);
    const commands = before.keybindings.map(storedCommand);
    const isStateDue = applied < scripts;
    const areSettingsDue = before.applied < scripts;
    const profiles = isStateDue ? await storage.upgrades.begin(id) : [];
    const runs: UpgradeRun[] = [];
    const isOneRun = isStateDue && areSettingsDue && before.applied === applied;
    if (isStateDue) {
      runs.push({ applied, profiles, ...(isOneRun ? { settings: before.wanted, commands } : NOTHING) });
    }
    if (areSettingsDue && !isOneRun) {
      runs.push({ applied: before.applied, settings: before.wanted, commands });
    }
    const wanted = runs.length - 1;
    if (areSettingsDue && !isDeepStrictEqual(before.configured, before.wanted)) {
      runs.push({ applied: before.applied, settings: before.configured, commands });
    }
    this.begun.set(id, {
      scripts,
      state: isStateDue ? applied : undefined,
      profiles,
      settings: areSettingsDue ? { before, wanted, configured: runs.length - 1 } : undefined,
    });
    return { runs };
  }

  /** Of a version with fewer scripts. @returns how many have been applied to the state that it gets */
  private async goBack(plugin: InstalledPlugin, applied: number, scripts: number): Promise<number> {
    const { storage, notices, log } = this.services;
    const now = await storage.upgrades.goBack(plugin.id, scripts);
    const named = `"${plugin.id}" ${plugin.version}`;
    const message =
      now === applied
        ? `${named} is older than what is stored for it, and what was stored before is no longer there`
        : `${named} has again what was stored before its upgrade; what was stored since is not used`;
    notices.notice({ severity: 'warning', source: plugin.id, message });
    log.warn(`${message} (upgrade scripts: ${applied} applied, ${scripts} in this version)`, {
      plugin: plugin.id,
    });
    return now;
  }

  private readState({
    plugin,
    profile,
  }: z.infer<typeof ReadState>): Promise<Readonly<Record<string, string>>> {
    const begun = this.begun.get(plugin);
    if (begun?.state === undefined || (profile !== undefined && !begun.profiles.includes(profile))) {
      throw failed(plugin, 'no upgrade of that state has begun');
    }
    return this.services.storage.upgrades.current(plugin, profile).all();
  }

  private async commit(id: string, results: readonly z.infer<typeof Result>[]): Promise<void> {
    const plugin = this.pluginCalled(id);
    const begun = this.begun.get(id);
    this.begun.delete(id);
    if (begun === undefined) throw failed(id, 'no upgrade has begun');
    const { scripts, state, settings } = begun;
    const { storage, live, log } = this.services;
    const after = settings && {
      applied: scripts,
      wanted: results[settings.wanted]?.settings ?? {},
      configured: results[settings.configured]?.settings ?? {},
      keybindings: upgradedKeybindings(plugin, settings.before, results[settings.wanted]?.commands ?? []),
    };
    if (settings !== undefined && after !== undefined) {
      checkUpgraded(plugin, settings.before.wanted, after.wanted);
      checkUpgraded(plugin, settings.before.configured, after.configured);
    }
    if (state !== undefined) {
      await storage.upgrades.commit(id, scripts);
      log.info(`the state of "${id}" was upgraded by ${named(state, scripts)}`, { plugin: id });
    }
    if (settings === undefined || after === undefined) return;
    const { before } = settings;
    if (!isDeepStrictEqual(live.upgradable(plugin, before.applied), before)) {
      // The streamer has changed them meanwhile.
      this.host.channel.sendNotification(UpgradeDueNotification.type, { plugin: id });
      return;
    }
    await live.upgrade(plugin, before, after);
    const hasOtherKeys = !isDeepStrictEqual(before.keybindings, after.keybindings);
    if (!hasOtherKeys && isDeepStrictEqual(before.configured, after.configured)) return;
    this.tellSettings(plugin, `has upgraded its settings${hasOtherKeys ? ' and keybindings' : ''}`);
  }

  private tellSettings(plugin: InstalledPlugin, what: string): void {
    const { id, version } = plugin;
    const { live, notices, log } = this.services;
    if (live.showFile === undefined || !live.isUpgraded(plugin)) return;
    const message = `"${id}" ${version} ${what}. "bulkhead config migrate" writes them into ${live.showFile}, which stays as it is till then.`;
    notices.notice({ severity: 'info', source: id, message });
    log.info(message, { plugin: id });
  }

  /** A script that has ended the host would end the next one. */
  private checkFatal(plugin: InstalledPlugin, scripts: number): void {
    const script = this.services.fatal.get(versionOf(plugin));
    if (script === undefined) return;
    this.services.fatal.delete(versionOf(plugin));
    const what = `upgrade script ${script} of ${scripts}: its process ended before the script did, so nothing was changed`;
    throw failed(plugin.id, what);
  }

  private pluginCalled(id: string): InstalledPlugin {
    const plugin = this.host.plugins.find((one) => one.id === id);
    if (plugin === undefined) throw noSuchPlugin(id);
    return plugin;
  }

  dispose(): void {
    this.watching.dispose();
    if (!this.host.lifecycle.hasFailed()) return;
    for (const [id, script] of this.running)
      this.services.fatal.set(versionOf(this.pluginCalled(id)), script);
  }
}

/** In development, each reload is another try. */
function versionOf({ id, version, path }: InstalledPlugin): string {
  return `${id} ${version} ${path}`;
}

function named(applied: number, scripts: number): string {
  return scripts - applied === 1
    ? `upgrade script ${scripts}`
    : `upgrade scripts ${applied + 1} to ${scripts}`;
}

function failed(id: string, what: string): BulkheadError {
  return new BulkheadError(ErrorCodes.pluginFailed, `the plugin "${id}" failed: ${what}`, { where: id });
}

/** @throws `plugin.failed` for other commands than it may have */
function upgradedKeybindings(
  plugin: InstalledPlugin,
  { keybindings }: UpgradableSettings,
  commands: readonly StoredCommand[],
): readonly ConfiguredKeybinding[] {
  if (commands.length !== keybindings.length) {
    throw failed(
      plugin.id,
      `its upgrade scripts have made ${commands.length} commands of ${keybindings.length}`,
    );
  }
  return keybindings.map((keybinding, index) => {
    const stored = commands[index] ?? storedCommand(keybinding);
    const after = withCommand(keybinding, stored);
    if (isDeepStrictEqual(after, keybinding)) return keybinding;
    const named = `the keybinding ${keybinding.key}`;
    if (!isOwnCommand(plugin, stored.command) || !checkValue(KeybindingsSchema, [after]).success) {
      const what = `its upgrade scripts have given ${named} the command "${stored.command}"`;
      throw failed(plugin.id, `${what}: ${ownCommandExpectation(plugin)}`);
    }
    if (!checkValue(Changed, stored.args).success) {
      throw failed(
        plugin.id,
        `its upgrade scripts have given ${named} more than ${MAX_CHANGED_VALUES} values`,
      );
    }
    return after;
  });
}

/** What the streamer has written wrongly, and the scripts have left, is no mistake of theirs. @throws `config.invalid`, `plugin.failed` */
function checkUpgraded(plugin: InstalledPlugin, before: OwnSettings, after: OwnSettings): void {
  const changed = Object.entries(after).filter(([key, value]) => !isDeepStrictEqual(before[key], value));
  const tooLarge = changed.find(([, value]) => !checkValue(Changed, value).success);
  if (tooLarge !== undefined) {
    const what = `its upgrade scripts have put more than ${MAX_CHANGED_VALUES} values into the setting "${tooLarge[0]}"`;
    throw failed(plugin.id, what);
  }
  const [mistake] = findSettingMistakes([plugin], { [plugin.id]: Object.fromEntries(changed) });
  if (mistake === undefined) return;
  throw new BulkheadError(
    ErrorCodes.configInvalid,
    `its upgrade scripts have made a setting that its package.json does not allow: ${mistake.message}`,
    { where: plugin.id },
  );
}
