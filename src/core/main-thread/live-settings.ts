import { isDeepStrictEqual } from 'node:util';
import { inject, injectable } from 'inversify';
import type { Disposable } from 'vscode-jsonrpc';
import { Emitter, type Event } from '../../base/event.js';
import type { InstalledPlugin } from '../../plugins/installed-plugin.js';
import {
  checkSettings,
  findSettingMistakes,
  type GivenSettings,
  type SettingChange,
  Settings,
} from '../../plugins/settings.js';
import { BulkheadError, ErrorCodes } from '../../protocol/errors.js';
import { DEFAULT_SHOW } from '../../protocol/outputs.js';
import type { SettingOrigins, SettingValue } from '../../protocol/plugin-configuration.js';
import type {
  SetSettingParams,
  SettingIdParams,
  SettingList,
  SettingManagement,
} from '../../protocol/settings.js';
import { BroadcastView } from '../broadcast/broadcast-view.js';
import { basesOf, fingerprintOf } from '../broadcast/kept-entries.js';
import {
  applySettings,
  entriesOf,
  type KeptSettings,
  keptSettings,
  settingId,
} from '../broadcast/kept-settings.js';
import { ShowState } from '../broadcast/show-state.js';
import { Log } from '../log/log.js';
import { NoticeSink } from '../streamer/notice-sink.js';

/** Whose settings they are. */
export interface KeptShow {
  readonly show: string;
  /** What was changed on air before. */
  readonly kept: KeptSettings;
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
  private configured: GivenSettings = {};
  private wanted: GivenSettings = {};
  private saved: SavedSettings = new Map();
  private isOnAir = false;
  private readonly watching: Disposable;
  private readonly changeEmitter = new Emitter<readonly SettingChange[]>();
  /** Settings of plugins that run have other values, or the configuration says something else of them. */
  readonly onDidChange: Event<readonly SettingChange[]> = this.changeEmitter.event;

  constructor(
    @inject(Settings) private readonly settings: Settings,
    @inject(BroadcastView) broadcast: Pick<BroadcastView, 'onDidChangeState'>,
    @inject(ShowState) private readonly state: Pick<ShowState, 'write'>,
    @inject(NoticeSink) private readonly notices: NoticeSink,
    @inject(Log) private readonly log: Pick<Log, 'info' | 'warn'>,
  ) {
    this.watching = broadcast.onDidChangeState((state) => {
      if (state === 'idle' && this.show === DEFAULT_SHOW) void this.keep([]);
      this.isOnAir = state !== 'idle';
    });
  }

  /** As changed on air, else as configured; not all of them are of plugins that there are. */
  get given(): GivenSettings {
    return this.wanted;
  }

  /** Where the values of one plugin's settings could come from. */
  originsOf(plugin: string): Readonly<Record<string, SettingOrigins>> {
    return this.settings.originsOf(plugin, this.configured);
  }

  /**
   * A broadcast begins. Its plugins have the settings when they are set in `Settings`.
   *
   * @throws BulkheadError `config.invalid` with every mistake in `configured`; then nothing has changed
   */
  begin(plugins: readonly InstalledPlugin[], configured: GivenSettings, { show, kept }: KeptShow): void {
    checkSettings(plugins, configured);
    this.show = show;
    this.configured = configured;
    this.wanted = fitting(plugins, applySettings(configured, kept), configured);
    this.saved = basesOf(kept, entriesOf(configured));
    const count = keptSettings(configured, this.wanted).length;
    if (count === 0) return;
    const what = count === 1 ? '1 setting changed on air was' : `${count} settings changed on air were`;
    this.tell('info', `${what} restored. "bulkhead config reset" goes back to the configuration.`);
  }

  /**
   * The configuration says something else now. What was changed on air stays where it says the same as before.
   *
   * @returns what has another value now
   */
  async reconfigure(configured: GivenSettings): Promise<readonly SettingChange[]> {
    const kept = keptSettings(this.configured, this.wanted, this.saved);
    const isOther = !isDeepStrictEqual(configured, this.configured);
    this.configured = configured;
    this.wanted = applySettings(configured, kept);
    this.saved = new Map();
    const changes = this.apply(isOther);
    if (isOther) await this.keepChanges();
    return changes;
  }

  async list(): Promise<SettingList> {
    const changed = new Set(keptSettings(this.configured, this.wanted).map(({ id }) => id));
    const settings = this.settings.declared.map(({ plugin, key, type }) => ({
      ...{ plugin, key, type, value: this.settings.of(plugin)[key] ?? null },
      ...this.originsOf(plugin)[key],
      isChanged: changed.has(settingId(plugin, key)),
    }));
    return { show: this.show, settings };
  }

  /** Resolves when the change is kept, too. */
  async set({ plugin, key, value }: SetSettingParams): Promise<SettingList> {
    this.settings.check(plugin, key, value ?? undefined);
    const { [key]: _, ...others } = this.wanted[plugin] ?? {};
    const own = value === null ? others : { ...others, [key]: mutable(value) };
    this.wanted = { ...this.wanted, [plugin]: own };
    this.log.info(`settings: ${plugin}: "${key}" changed on air`);
    this.apply(false);
    await this.keepChanges();
    return this.list();
  }

  async reset(): Promise<SettingList> {
    this.wanted = this.configured;
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
    await this.keep(keptSettings(this.configured, this.wanted, this.saved));
  }

  /** A change that cannot be kept has been made all the same. */
  private async keep(settings: KeptSettings): Promise<void> {
    try {
      await this.state.write(this.show, { settings });
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
  }
}

/** A setting that a plugin has no more, or with another type, is as configured again. */
function fitting(
  plugins: readonly InstalledPlugin[],
  wanted: GivenSettings,
  configured: GivenSettings,
): GivenSettings {
  const settings = structuredClone(wanted);
  for (const { path } of findSettingMistakes(plugins, wanted)) {
    const [, plugin = '', key = ''] = path;
    const own = settings[plugin] ?? {};
    const value = configured[plugin]?.[key];
    if (value === undefined) delete own[key];
    else own[key] = value;
  }
  return settings;
}

function mutable(value: SettingValue): GivenSettings[string][string] {
  return structuredClone(value) as GivenSettings[string][string];
}
