import { isDeepStrictEqual } from 'node:util';
import { inject, injectable } from 'inversify';
import type { Disposable } from 'vscode-jsonrpc';
import { Emitter, type Event } from '../../base/event.js';
import type { ConfiguredKeybinding } from '../../keys/keybinding-order.js';
import type { InstalledPlugin } from '../../plugins/installed-plugin.js';
import {
  checkFileSettings,
  fittingSettings,
  type GivenSettings,
  type SettingChange,
  Settings,
} from '../../plugins/settings.js';
import { BulkheadError, ErrorCodes } from '../../protocol/errors.js';
import { DEFAULT_SHOW } from '../../protocol/outputs.js';
import type { SettingOrigins, SettingValue } from '../../protocol/plugin-configuration.js';
import type { DeclaredSetting } from '../../protocol/setting-declaration.js';
import type {
  SetSettingParams,
  SettingIdParams,
  SettingList,
  SettingManagement,
} from '../../protocol/settings.js';
import { BroadcastView } from '../broadcast/broadcast-view.js';
import { basesOf, fingerprintOf } from '../broadcast/kept/kept-entries.js';
import { applyKeybindings, keptKeybindings } from '../broadcast/kept/kept-keybindings.js';
import {
  applySettings,
  entriesOf,
  type KeptSettings,
  keptSettings,
  settingId,
} from '../broadcast/kept/kept-settings.js';
import {
  type KeptUpgrade,
  type KeptUpgrades,
  type OwnSettings,
  ownOf,
  readUpgraded,
  withoutEdited,
} from '../broadcast/kept/kept-upgrades.js';
import { type ShowChanges, ShowState } from '../broadcast/kept/show-state.js';
import { Log } from '../log/log.js';
import { NoticeSink } from '../streamer/notice-sink.js';
import { Keybindings } from './keybindings.js';
import { PluginStorage } from './plugin-storage.js';

/** Whose settings they are. */
export interface KeptShow {
  readonly show: string;
  /** What was changed on air before. */
  readonly kept: KeptSettings;
  /** Which upgrade scripts have been applied to them. */
  readonly upgrades?: KeptUpgrades;
}

/** What the configuration says for one plugin, to which so many of its upgrade scripts have been applied. */
export interface UpgradableSettings {
  readonly applied: number;
  /** As the configuration says. */
  readonly configured: OwnSettings;
  /** As changed on air. */
  readonly wanted: OwnSettings;
  /** The streamer's keybindings of its commands. */
  readonly keybindings: readonly ConfiguredKeybinding[];
}

export const NO_SHOW: KeptShow = { show: DEFAULT_SHOW, kept: [] };

/** Fingerprints of settings as they were saved since the start, by their ids. */
type SavedSettings = ReadonlyMap<string, readonly string[]>;

/**
 * The settings of plugins, as configured and as they are changed on air. What is changed is kept for the show, and restored when the show is
 * started again. They stay as they are when the broadcast ends, since plugins run on.
 */
@injectable()
export class LiveSettings implements SettingManagement, Disposable {
  private show = DEFAULT_SHOW;
  /** What the configuration file says, and what that means after the upgrades. */
  private file: GivenSettings = {};
  private configured: GivenSettings = {};
  private upgrades: KeptUpgrades = [];
  private wanted: GivenSettings = {};
  /** With what a plugin does not take: it may be of the version before, and be upgraded yet. */
  private unfitted: GivenSettings = {};
  private saved: SavedSettings = new Map();
  private isOnAir = false;
  private readonly watching: Disposable;
  private readonly changeEmitter = new Emitter<readonly SettingChange[]>();
  /** Settings of plugins that run have other values, or the configuration says something else of them. */
  readonly onDidChange: Event<readonly SettingChange[]> = this.changeEmitter.event;
  private readonly beginEmitter = new Emitter<void>();
  /** The settings of another show are used. */
  readonly onDidBegin: Event<void> = this.beginEmitter.event;

  constructor(
    @inject(Settings) private readonly settings: Settings,
    @inject(BroadcastView) broadcast: Pick<BroadcastView, 'onDidChangeState'>,
    @inject(ShowState) private readonly state: Pick<ShowState, 'write'>,
    @inject(PluginStorage) private readonly storage: Pick<PluginStorage, 'secrets'>,
    @inject(Keybindings)
    private readonly keybindings: Pick<Keybindings, 'configuredOf' | 'readThrough' | 'upgraded'>,
    @inject(NoticeSink) private readonly notices: NoticeSink,
    @inject(Log) private readonly log: Pick<Log, 'info' | 'warn'>,
  ) {
    this.watching = broadcast.onDidChangeState((state) => {
      if (state === 'idle' && this.show === DEFAULT_SHOW) void this.keep({ settings: [], upgrades: [] });
      this.isOnAir = state !== 'idle';
    });
  }

  /** As changed on air, else as configured; not all of them are of plugins that there are. */
  get given(): GivenSettings {
    return this.wanted;
  }

  /** The configuration file; undefined where there is none. */
  get showFile(): string | undefined {
    return this.show === DEFAULT_SHOW ? undefined : this.show;
  }

  /** Where the values of one plugin's settings could come from. */
  originsOf(plugin: string): Readonly<Record<string, SettingOrigins>> {
    return this.settings.originsOf(plugin, this.configured);
  }

  /**
   * A broadcast begins. Its plugins have the settings when they are set in `Settings`.
   *
   * @param file what the configuration says
   * @throws BulkheadError `config.invalid` with every mistake in it; then nothing has changed
   */
  begin(
    plugins: readonly InstalledPlugin[],
    file: GivenSettings,
    { show, kept, upgrades = [] }: KeptShow,
  ): void {
    const configured = readUpgraded(file, upgrades);
    checkFileSettings(plugins, configured);
    this.show = show;
    this.file = file;
    this.configured = configured;
    this.upgrades = withoutEdited(upgrades, file, configured);
    this.keybindings.readThrough(this.upgrades.map(({ keybindings }) => keybindings));
    this.unfitted = applySettings(configured, kept);
    this.wanted = fittingSettings(plugins, this.unfitted, configured);
    this.saved = basesOf(kept, entriesOf(configured));
    const count = keptSettings(configured, this.wanted).length;
    if (count > 0) {
      const what = count === 1 ? '1 setting changed on air was' : `${count} settings changed on air were`;
      this.tell('info', `${what} restored. "bulkhead config reset" goes back to the configuration.`);
    }
    // What has been edited in the meantime does not come back.
    if (!isDeepStrictEqual(upgrades, this.upgrades)) void this.keepChanges();
    this.beginEmitter.fire();
  }

  /** @throws BulkheadError `config.invalid` with every mistake in what a configuration says, as it is read after the upgrades */
  check(plugins: readonly InstalledPlugin[], file: GivenSettings): void {
    checkFileSettings(plugins, readUpgraded(file, this.upgrades));
  }

  /**
   * The configuration says something else now. What was changed on air stays where it says the same as before.
   *
   * @returns what has another value now
   */
  async reconfigure(file: GivenSettings): Promise<readonly SettingChange[]> {
    const kept = keptSettings(this.configured, this.wanted, this.saved);
    const isOther = !isDeepStrictEqual(file, this.file);
    this.file = file;
    this.configured = readUpgraded(file, this.upgrades);
    this.upgrades = withoutEdited(this.upgrades, file, this.configured);
    this.wanted = applySettings(this.configured, kept);
    this.unfitted = {};
    this.saved = new Map();
    const changes = this.apply(isOther);
    if (isOther) await this.keepChanges();
    return changes;
  }

  /**
   * One plugin's settings and keybindings, and how many of its upgrade scripts have been applied to them.
   *
   * @param first how many there were when the plugin was first activated on this computer
   */
  upgradable(plugin: InstalledPlugin, first: number): UpgradableSettings {
    const { id } = plugin;
    return {
      applied: this.upgradeOf(id)?.applied ?? first,
      configured: this.configured[id] ?? {},
      wanted: this.unfitted[id] ?? this.wanted[id] ?? {},
      keybindings: this.keybindings.configuredOf(plugin).read,
    };
  }

  /**
   * The scripts have been applied. The configuration file stays as it is, and is read in this way until it says something else.
   *
   * @param before to which they were applied
   */
  async upgrade(
    plugin: InstalledPlugin,
    before: UpgradableSettings,
    after: UpgradableSettings,
  ): Promise<void> {
    await this.replace(plugin, after, before);
  }

  /**
   * Goes back to what there was before the last upgrade, if that fits a version of the plugin with so many scripts.
   *
   * @returns whether it did
   */
  async goBack(plugin: InstalledPlugin, scripts: number): Promise<boolean> {
    const { applied, before } = this.upgradeOf(plugin.id) ?? { applied: 0 };
    if (applied <= scripts || before === undefined || before.applied > scripts) return false;
    const { read } = this.keybindings.configuredOf(plugin);
    await this.replace(plugin, { ...before, keybindings: applyKeybindings(read, before.keybindings) });
    return true;
  }

  private upgradeOf(plugin: string): KeptUpgrade | undefined {
    return this.upgrades.find((upgrade) => upgrade.plugin === plugin);
  }

  private async replace(
    installed: InstalledPlugin,
    { applied, configured, wanted, keybindings }: UpgradableSettings,
    before?: UpgradableSettings,
  ): Promise<void> {
    const { id: plugin } = installed;
    const others = this.upgrades.filter((upgrade) => upgrade.plugin !== plugin);
    const ids = new Set(
      [this.configured, this.wanted].flatMap((all) => entriesOf(ownOf(all, plugin)).map(({ id }) => id)),
    );
    const saved = new Map([...this.saved].filter(([id]) => ids.has(id)));
    const settings = keptSettings(ownOf(this.file, plugin), { [plugin]: configured }, saved);
    const upgrade: KeptUpgrade = {
      ...{ plugin, applied, settings: [...settings] },
      keybindings: keptKeybindings(this.keybindings.configuredOf(installed).written, keybindings),
      ...(before && {
        before: { ...before, keybindings: keptKeybindings(keybindings, before.keybindings) },
      }),
    };
    this.upgrades = [...others, upgrade];
    this.keybindings.readThrough(this.upgrades.map((one) => one.keybindings));
    this.saved = new Map([...this.saved].filter(([id]) => !ids.has(id)));
    this.configured = { ...this.configured, [plugin]: configured };
    this.wanted = { ...this.wanted, [plugin]: wanted };
    const { [plugin]: _, ...unfitted } = this.unfitted;
    this.unfitted = unfitted;
    this.apply(true);
    await this.keepChanges();
  }

  async list(): Promise<SettingList> {
    const changed = new Set(keptSettings(this.configured, this.wanted).map(({ id }) => id));
    const settings = this.settings.declared.map(async ({ plugin, key, setting }) => ({
      ...{ plugin, key, ...aboutSetting(setting), value: this.settings.of(plugin)[key] ?? null },
      ...this.originsOf(plugin)[key],
      isChanged: changed.has(settingId(plugin, key)),
      ...(setting.type === 'secret' ? await this.secretState(plugin, key) : {}),
    }));
    return {
      ...{ show: this.show, settings: await Promise.all(settings), upgraded: this.upgraded() },
      upgradedKeybindings: this.keybindings.upgraded(),
    };
  }

  /** What the configuration file would have to say to be read without the upgrades. */
  upgraded(): NonNullable<SettingList['upgraded']> {
    const secrets = this.settings.declared.flatMap(({ plugin, key, setting }) =>
      setting.type === 'secret' ? [settingId(plugin, key)] : [],
    );
    return this.upgrades.flatMap(({ plugin }) =>
      keptSettings(ownOf(this.file, plugin), ownOf(this.configured, plugin))
        .filter(({ id }) => !secrets.includes(id))
        .map(({ id, entry }) => ({
          plugin,
          key: id.slice(settingId(plugin, '').length),
          value: entry?.value ?? null,
        })),
    );
  }

  /** Whether the configuration file says something else of this plugin than it is read. */
  isUpgraded(plugin: InstalledPlugin): boolean {
    const { written, read } = this.keybindings.configuredOf(plugin);
    return (
      this.upgraded().some((setting) => setting.plugin === plugin.id) || !isDeepStrictEqual(written, read)
    );
  }

  private async secretState(plugin: string, key: string): Promise<{ readonly isSet?: boolean }> {
    try {
      return { isSet: (await this.storage.secrets(plugin).keys()).includes(key) };
    } catch {
      // The other settings have nothing to do with it.
      return {};
    }
  }

  /** Resolves when the change is kept, too. */
  async set({ plugin, key, value }: SetSettingParams): Promise<SettingList> {
    this.settings.check(plugin, key, value ?? undefined);
    const { [key]: _, ...others } = this.wanted[plugin] ?? {};
    const own = value === null ? others : { ...others, [key]: mutable(value) };
    this.wanted = { ...this.wanted, [plugin]: own };
    this.unfitted = {};
    this.log.info(`settings: ${plugin}: "${key}" changed on air`);
    this.apply(false);
    await this.keepChanges();
    return this.list();
  }

  async reset(): Promise<SettingList> {
    this.wanted = this.configured;
    this.unfitted = {};
    this.saved = new Map();
    this.apply(false);
    await this.keepChanges();
    return this.list();
  }

  async noteSaved({ plugin, key }: SettingIdParams): Promise<SettingList> {
    const id = settingId(plugin, key);
    const bases = [...(this.saved.get(id) ?? []), fingerprintOf(id, entriesOf(this.wanted))];
    this.saved = new Map(this.saved).set(id, bases);
    await this.keepChanges();
    return this.list();
  }

  private apply(always: boolean): readonly SettingChange[] {
    const changes = this.settings.change(this.wanted);
    if (always || changes.length > 0) this.changeEmitter.fire(changes);
    return changes;
  }

  /** Nothing says which show it is without a broadcast or a configuration file. */
  private async keepChanges(): Promise<void> {
    if (this.show === DEFAULT_SHOW && !this.isOnAir) return;
    const settings = keptSettings(this.configured, this.wanted, this.saved);
    await this.keep({ settings, upgrades: this.upgrades });
  }

  /** A change that cannot be kept has been made all the same. */
  private async keep(changes: Pick<ShowChanges, 'settings' | 'upgrades'>): Promise<void> {
    try {
      await this.state.write(this.show, changes);
    } catch (error) {
      this.tell('warning', BulkheadError.from(error, ErrorCodes.storageFailed).sentence);
    }
  }

  private tell(severity: 'info' | 'warning', message: string): void {
    this.notices.notice({ severity, source: 'settings', message });
    this.log[severity === 'warning' ? 'warn' : 'info'](`settings: ${message}`);
  }

  dispose(): void {
    this.watching.dispose();
    this.changeEmitter.dispose();
    this.beginEmitter.dispose();
  }
}

function aboutSetting({ type, title, description, markdownDescription }: DeclaredSetting) {
  const about = description ?? markdownDescription;
  return {
    type,
    ...(title === undefined ? {} : { title }),
    ...(about === undefined ? {} : { description: about }),
  };
}

function mutable(value: SettingValue): GivenSettings[string][string] {
  return structuredClone(value) as GivenSettings[string][string];
}
