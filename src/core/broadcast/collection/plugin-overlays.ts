import { injectable } from 'inversify';
import type { Disposable } from 'vscode-jsonrpc';
import { checkValue } from '../../../base/check-value.js';
import { Emitter, type Event } from '../../../base/event.js';
import { onUnexpectedError } from '../../../base/unexpected-error.js';
import * as z from '../../../base/zod.js';
import { ConfigError } from '../../../config/config-error.js';
import type { StageOverlay } from '../../../config/encode-settings.js';
import { parseEntry, withSettings } from '../../../config/parse-entry.js';
import type { ElementConfig, OverlayConfig } from '../../../config/schema.js';
import { BulkheadError, ErrorCodes } from '../../../protocol/errors.js';
import { withEntry } from '../../../scenes/scene-collection.js';
import { entryNamed, refuseOtherId } from './entry-named.js';
import { OverlayTimes } from './overlay-times.js';

/** Of one plugin. */
const MOST_OVERLAYS = 20;
/** Of one plugin's overlays as JSON: all of them are sent to the encoder with each change. */
const MOST_CHARACTERS = 128 * 1024;
const LONGEST_KEPT_MS = 3_600_000;
const DEFAULT_POLICY = { removeAfterMs: 10_000 };

const PolicySchema = z
  .union([
    z.enum(['keep', 'remove']),
    z.strictObject({ removeAfterMs: z.number().min(0).max(LONGEST_KEPT_MS) }),
  ])
  .default(DEFAULT_POLICY);
type Policy = z.output<typeof PolicySchema>;

/** Something that is waited for until the overlays are drawn as they are now. */
export interface OverlaysChange {
  waitUntil(drawn: Promise<void>): void;
}

interface Kept {
  /** With its id on the stage. */
  readonly config: OverlayConfig;
  readonly characters: number;
  readonly policy: Policy;
  /** Whether the plugin that created it has failed since. */
  readonly isLeft: boolean;
}

/**
 * The overlays of plugins. They lie above the streamer's, those of the plugin that was activated last on top, and are no part of the streamer's
 * collection: nothing of them is undone or kept in a file. On the stage and in mistakes they are called `PLUGIN/ID`.
 */
@injectable()
export class PluginOverlays implements Disposable {
  /** By their ids on the stage, of each plugin in the order of activation. */
  private readonly plugins = new Map<string, Map<string, Kept>>();
  /** In which the files of each plugin's overlays have to be. */
  private readonly folders = new Map<string, readonly string[]>();
  private readonly timers = new Map<string, NodeJS.Timeout>();
  private times = new OverlayTimes();
  private readonly changeEmitter = new Emitter<OverlaysChange>();
  readonly onDidChange: Event<OverlaysChange> = this.changeEmitter.event;

  /** As they are on the stage, the lowest one first. */
  get staged(): readonly StageOverlay[] {
    return [...this.plugins].flatMap(([plugin, all]) =>
      [...all.values()].map(({ config }) => ({
        ...config,
        sinceMs: this.times.sinceMs(config.id),
        folders: this.folders.get(plugin),
      })),
    );
  }

  /** A broadcast begins: those that are shown are shown from now on. */
  restartTimes(): void {
    this.times = new OverlayTimes();
    this.times.note(this.configs, Date.now());
  }

  /** The plugin is about to be activated: its overlays will be on top, unless it has left some when it failed. */
  willActivate(plugin: string): void {
    if (this.plugins.get(plugin)?.size) return;
    this.plugins.delete(plugin);
    this.plugins.set(plugin, new Map());
  }

  /** Images and fonts of a plugin's overlays are shown from these folders alone, wherever links lead. */
  restrict(plugin: string, folders: readonly string[]): void {
    this.folders.set(plugin, folders);
  }

  /**
   * Adds an overlay, or puts it in the place of one that the plugin has left. Resolves when it is drawn.
   *
   * @param whenPluginFails what happens to it then; unchecked, as `overlay` is
   * @throws BulkheadError `config.invalid`: then nothing has changed
   */
  async create(
    plugin: string,
    overlay: Readonly<Record<string, unknown>> & { readonly id: string },
    whenPluginFails?: unknown,
  ): Promise<void> {
    const name = nameOf(plugin, overlay.id);
    const config = parsed(overlay, name);
    const policy = parsedPolicy(whenPluginFails, name);
    const all = this.plugins.get(plugin) ?? new Map<string, Kept>();
    const before = all.get(name);
    if (before?.isLeft === false) {
      throw new BulkheadError(ErrorCodes.configInvalid, `there is an overlay "${name}" already`, {
        where: `overlays.${name}`,
        remedy: 'Choose another id, change that one, or dispose of it first.',
      });
    }
    const [oldest] = [...all].find(([, { isLeft }]) => isLeft) ?? [];
    if (before === undefined && all.size >= MOST_OVERLAYS && oldest === undefined) {
      throw new BulkheadError(
        ErrorCodes.configInvalid,
        `the plugin "${plugin}" has ${all.size} overlays already`,
        {
          where: `overlays.${name}`,
          remedy: 'Dispose of one first.',
        },
      );
    }
    const kept = this.sized(all, config, policy);
    if (before === undefined && all.size >= MOST_OVERLAYS && oldest !== undefined) this.drop(all, oldest);
    this.stopTimer(name);
    all.set(name, kept);
    this.plugins.set(plugin, all);
    await this.changed();
  }

  /** @throws BulkheadError `config.invalid`, `overlay.notFound`: then nothing has changed */
  async set(plugin: string, id: string, change: Readonly<Record<string, unknown>>): Promise<void> {
    const { config } = this.overlay(plugin, id);
    refuseOtherId(id, change, 'overlays');
    await this.put(plugin, parsed({ ...withSettings(config, change), id }, config.id));
  }

  /** Changes one of its elements. @throws BulkheadError like `set` */
  async setElement(
    plugin: string,
    overlay: string,
    id: string,
    change: Readonly<Record<string, unknown>>,
  ): Promise<void> {
    const { config } = this.overlay(plugin, overlay);
    const where = `overlays.${config.id}.elements`;
    const element = entryNamed(id, config.elements, {
      ...{ what: 'element', inside: ` in the overlay "${config.id}"`, where },
      code: ErrorCodes.overlayNotFound,
    });
    refuseOtherId(id, change, where);
    const elements = withEntry(config.elements, withSettings(element, change) as ElementConfig);
    await this.put(plugin, parsed({ ...config, elements, id: overlay }, config.id));
  }

  /** Does nothing if there is none. */
  async remove(plugin: string, id: string): Promise<void> {
    const all = this.plugins.get(plugin);
    const name = nameOf(plugin, id);
    if (all === undefined || !all.has(name)) return;
    this.drop(all, name);
    await this.changed();
  }

  /** The plugin has ended in order. */
  removeAll(plugin: string): void {
    const all = this.plugins.get(plugin) ?? new Map<string, Kept>();
    this.plugins.delete(plugin);
    if (all.size === 0) return;
    for (const name of [...all.keys()]) this.drop(all, name);
    this.changedUnasked();
  }

  /** The plugin has ended unexpectedly: its overlays stay as long as it has said when it created them. */
  pluginFailed(plugin: string): void {
    const all = this.plugins.get(plugin);
    if (all === undefined || all.size === 0) return;
    for (const [name, kept] of all) {
      if (kept.isLeft) continue;
      const { policy } = kept;
      if (policy === 'remove') {
        this.drop(all, name);
        continue;
      }
      all.set(name, { ...kept, isLeft: true });
      if (policy === 'keep') continue;
      const expire = () => {
        this.drop(all, name);
        this.changedUnasked();
      };
      this.timers.set(name, setTimeout(expire, policy.removeAfterMs));
    }
    this.changedUnasked();
  }

  private get configs(): readonly OverlayConfig[] {
    return [...this.plugins.values()].flatMap((all) => [...all.values()].map(({ config }) => config));
  }

  private async put(plugin: string, config: OverlayConfig): Promise<void> {
    const all = this.plugins.get(plugin) ?? new Map<string, Kept>();
    const before = all.get(config.id);
    if (before !== undefined) all.set(config.id, this.sized(all, config, before.policy));
    await this.changed();
  }

  /** @throws BulkheadError `config.invalid` if it makes the plugin's overlays too large */
  private sized(all: ReadonlyMap<string, Kept>, config: OverlayConfig, policy: Policy): Kept {
    const { length: characters } = JSON.stringify(config);
    let sum = characters;
    for (const [name, kept] of all) if (name !== config.id && !kept.isLeft) sum += kept.characters;
    if (sum <= MOST_CHARACTERS) return { config, characters, policy, isLeft: false };
    throw new BulkheadError(
      ErrorCodes.configInvalid,
      `the overlays of the plugin are ${Math.ceil(sum / 1024)} KiB in all, more than ${MOST_CHARACTERS / 1024}`,
      { where: `overlays.${config.id}`, remedy: 'Draw fewer elements, or shorter texts and animations.' },
    );
  }

  private overlay(plugin: string, id: string): Kept {
    const name = nameOf(plugin, id);
    const kept = this.plugins.get(plugin)?.get(name);
    if (kept?.isLeft === false) return kept;
    throw new BulkheadError(ErrorCodes.overlayNotFound, `there is no overlay "${name}"`, {
      where: `overlays.${name}`,
      remedy: 'Create it first.',
    });
  }

  private drop(all: Map<string, Kept>, name: string): void {
    this.stopTimer(name);
    all.delete(name);
  }

  private stopTimer(name: string): void {
    clearTimeout(this.timers.get(name));
    this.timers.delete(name);
  }

  /** Resolves when they are drawn as they are now. */
  private async changed(): Promise<void> {
    this.times.note(this.configs, Date.now());
    const waited: Promise<void>[] = [];
    this.changeEmitter.fire({ waitUntil: (drawn) => void waited.push(drawn) });
    await Promise.all(waited);
  }

  private changedUnasked(): void {
    this.changed().catch(onUnexpectedError);
  }

  dispose(): void {
    for (const name of [...this.timers.keys()]) this.stopTimer(name);
    this.changeEmitter.dispose();
  }
}

function nameOf(plugin: string, id: string): string {
  return `${plugin}/${id}`;
}

/** With every default filled in, and its id on the stage. @throws ConfigError */
function parsed(overlay: object, name: string): OverlayConfig {
  return { ...parseEntry('overlays', overlay, `overlays.${name}`), id: name };
}

/** @throws ConfigError */
function parsedPolicy(value: unknown, name: string): Policy {
  const result = checkValue(PolicySchema, value, { reportInput: true });
  if (result.success) return result.data;
  const where = `overlays.${name}.whenPluginFails`;
  const expected = `expected "keep", "remove", or { "removeAfterMs": 0 to ${LONGEST_KEPT_MS} }`;
  throw new ConfigError([{ where, message: expected }]);
}
