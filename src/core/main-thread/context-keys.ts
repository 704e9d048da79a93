import { inject, injectable } from 'inversify';
import { isReservedKey } from '../../keys/context-keys.js';
import { type Context, type ContextValue, evaluateWhen } from '../../keys/evaluate-when.js';
import { parseWhen, type When } from '../../keys/when-clause.js';
import { BulkheadError, ErrorCodes } from '../../protocol/errors.js';
import type { ContextKey } from '../../protocol/keybindings.js';
import { BroadcastView } from '../broadcast/broadcast-view.js';
import { LiveCollection } from '../broadcast/collection/live-collection.js';
import { PluginStorage } from './plugin-storage.js';
import { SourceFeed } from './source-feed.js';

/** Most keys of one plugin. */
const MOST_KEYS = 100;
/** Most conditions that are kept parsed. */
const MOST_PARSED = 5000;

interface OwnedValue {
  readonly plugin: string;
  readonly value: ContextValue;
}

/** What conditions of keybindings and commands are about: Bulkhead's state, and the keys that plugins set. */
@injectable()
export class ContextKeys {
  private readonly owned = new Map<string, OwnedValue>();
  private readonly parsed = new Map<string, When>();
  /** Ids of the plugins that are active; set by whoever runs them. */
  activePlugins: () => readonly string[] = () => [];

  constructor(
    @inject(BroadcastView) private readonly broadcast: Pick<BroadcastView, 'status'>,
    @inject(LiveCollection) private readonly collection: Pick<LiveCollection, 'status'>,
    @inject(SourceFeed) private readonly sources: Pick<SourceFeed, 'states'>,
    @inject(PluginStorage) private readonly storage: Pick<PluginStorage, 'profile'>,
  ) {}

  /** Whether a condition, which has been checked, holds now. */
  holds(when: string): boolean {
    return this.evaluator()(when);
  }

  /** The same for many conditions at one moment. */
  evaluator(): (when: string) => boolean {
    let values: ReadonlyMap<string, ContextValue> | undefined;
    const context: Context = (key) => {
      values ??= this.values();
      return values.get(key);
    };
    return (when) => evaluateWhen(this.parse(when), context);
  }

  /** Sorted by name. */
  list(): ContextKey[] {
    return [...this.values()]
      .map(([key, value]) => ({
        key,
        value,
        plugin: isReservedKey(key) ? undefined : this.owned.get(key)?.plugin,
      }))
      .sort((a, b) => (a.key < b.key ? -1 : 1));
  }

  /**
   * Sets a key of a plugin, to which the name belongs now: what another one has set under it before is replaced.
   *
   * @param value undefined removes it
   * @throws BulkheadError `plugin.invalid` if there are too many
   */
  set(plugin: string, key: string, value: ContextValue | undefined): void {
    if (value === undefined) this.owned.delete(key);
    else if (this.owned.get(key)?.plugin !== plugin && this.countOf(plugin) >= MOST_KEYS) {
      throw new BulkheadError(ErrorCodes.pluginInvalid, `more than ${MOST_KEYS} context keys`, {
        where: plugin,
      });
    } else this.owned.set(key, { plugin, value });
  }

  /** Its host has ended. */
  clear(plugin: string): void {
    for (const [key, owned] of this.owned) if (owned.plugin === plugin) this.owned.delete(key);
  }

  private countOf(plugin: string): number {
    return [...this.owned.values()].filter((owned) => owned.plugin === plugin).length;
  }

  private values(): Map<string, ContextValue> {
    const { state, outputs } = this.broadcast.status();
    const { programme, preview } = this.collection.status ?? {};
    return new Map<string, ContextValue>([
      ...[...this.owned].map(([key, { value }]) => [key, value] as const),
      ['broadcast.state', state],
      ...(programme === undefined ? [] : [['scene', programme] as const]),
      ...(preview === undefined ? [] : [['scene.preview', preview] as const]),
      ...outputs.map((output) => [`output.${output.id}.state`, output.state] as const),
      ...[...this.sources.states()].map(([id, source]) => [`source.${id}.state`, source.state] as const),
      ...this.activePlugins().map((id) => [`plugin.${id}.active`, true] as const),
      ['profile', this.storage.profile],
      ['isLinux', process.platform === 'linux'],
      ['isMac', process.platform === 'darwin'],
      ['isWindows', process.platform === 'win32'],
    ]);
  }

  private parse(when: string): When {
    const known = this.parsed.get(when);
    if (known !== undefined) return known;
    const parsed = parseWhen(when);
    // Those of plugins that have been replaced are in it, too.
    if (this.parsed.size >= MOST_PARSED) this.parsed.clear();
    this.parsed.set(when, parsed);
    return parsed;
  }
}
