import { isDeepStrictEqual } from 'node:util';
import { inject, injectable } from 'inversify';
import type { Disposable } from 'vscode-jsonrpc';
import { Emitter, type Event } from '../../base/event.js';
import {
  type ConfiguredKeybinding,
  findShadows,
  type Keybinding,
  orderKeybindings,
} from '../../keys/keybinding-order.js';
import { canonicalKey, findKeyProblem } from '../../keys/keystroke.js';
import type { InstalledPlugin } from '../../plugins/installed-plugin.js';
import { keybindingsOf } from '../../plugins/keybindings.js';
import { isOwnCommand } from '../../plugins/plugin-name.js';
import { BulkheadError, ErrorCodes } from '../../protocol/errors.js';
import type {
  ContextKey,
  KeybindingInfo,
  KeybindingList,
  KeyManagement,
  PressedKey,
  PressKeyParams,
} from '../../protocol/keybindings.js';
import type { UpgradedKeybinding } from '../../protocol/settings.js';
import { applyKeybindings, type KeptKeybindings } from '../broadcast/kept/kept-keybindings.js';
import { CommandRegistry } from './command-registry.js';
import { ContextKeys } from './context-keys.js';
import { commandOf } from './stored-commands.js';

interface ConfiguredKeybindings {
  readonly written: readonly ConfiguredKeybinding[];
  readonly read: readonly ConfiguredKeybinding[];
}

/** The keys that run commands: those that plugins declare, and the streamer's, which take their place. */
@injectable()
export class Keybindings implements KeyManagement, Disposable {
  private declared: readonly (readonly Keybinding[])[] = [];
  private configured: readonly ConfiguredKeybinding[] = [];
  private upgrades: readonly KeptKeybindings[] = [];
  private ordered: readonly Keybinding[] = [];
  private readonly changeEmitter = new Emitter<void>();
  /** `streamersKeys` may be others. */
  readonly onDidChange: Event<void> = this.changeEmitter.event;

  constructor(
    @inject(CommandRegistry) private readonly commands: Pick<CommandRegistry, 'describe' | 'execute'>,
    @inject(ContextKeys) private readonly contextKeys: Pick<ContextKeys, 'evaluator' | 'list'>,
  ) {}

  /** @param plugins those that run, in their order: of two that declare the same key, the first one has it */
  setPlugins(plugins: readonly InstalledPlugin[]): void {
    this.declared = plugins.map((plugin) => keybindingsOf(plugin));
    this.order();
  }

  /** @param configured as in the configuration, checked */
  configure(configured: readonly ConfiguredKeybinding[]): void {
    this.configured = configured;
    this.order();
  }

  /** @param upgrades of plugins, through which the configuration is read from now on */
  readThrough(upgrades: readonly KeptKeybindings[]): void {
    if (this.upgrades.length + upgrades.length === 0) return;
    this.upgrades = upgrades;
    this.order();
  }

  /** The streamer's keybindings of one plugin's commands: as the configuration says, and as they are read, in the same order. */
  configuredOf(plugin: Pick<InstalledPlugin, 'id' | 'name'>): ConfiguredKeybindings {
    const written = this.configured.filter((one) => isOwnCommand(plugin, commandOf(one)));
    return { written, read: this.read(written) };
  }

  /** What the configuration would have to say to be read without the upgrades. */
  upgraded(): readonly UpgradedKeybinding[] {
    const read = this.read(this.configured);
    return this.configured.flatMap((before, index) => {
      const { command, args } = read[index] ?? before;
      if (isDeepStrictEqual([command, args], [before.command, before.args])) return [];
      return [{ before, command, ...(args === undefined ? {} : { args }) }];
    });
  }

  private read(keybindings: readonly ConfiguredKeybinding[]): readonly ConfiguredKeybinding[] {
    return this.upgrades.reduce(applyKeybindings, keybindings);
  }

  private order(): void {
    this.ordered = orderKeybindings(this.declared, this.read(this.configured));
    this.changeEmitter.fire();
  }

  /** Of the keybindings in the configuration; some more than once. */
  get streamersKeys(): readonly string[] {
    return this.ordered.filter(({ plugin }) => plugin === undefined).map(({ key }) => key);
  }

  async list(): Promise<KeybindingList> {
    const { ordered } = this;
    const holds = this.contextKeys.evaluator();
    const known = new Map(this.commands.describe().map((one) => [one.command, one]));
    const shadows = findShadows(ordered);
    const taken = new Set<string>();
    const keybindings = ordered.map((one): KeybindingInfo => {
      const applies = !taken.has(one.key) && (one.when === undefined || holds(one.when));
      if (applies) taken.add(one.key);
      const shadow = shadows.get(one);
      return {
        ...one,
        title: known.get(one.command)?.title,
        exists: known.has(one.command),
        applies,
        ...(shadow === undefined ? {} : { shadowedBy: { command: shadow.command, plugin: shadow.plugin } }),
      };
    });
    return { keybindings };
  }

  async press({ key: given }: PressKeyParams): Promise<PressedKey> {
    const problem = findKeyProblem(given);
    if (problem !== undefined) {
      throw new BulkheadError(ErrorCodes.configInvalid, `"${given}" is no key: ${problem}`, { where: given });
    }
    const key = canonicalKey(given);
    const holds = this.contextKeys.evaluator();
    const candidates = this.ordered.filter((one) => one.key === key);
    const found = candidates.find(({ when }) => when === undefined || holds(when));
    if (found === undefined) throw notBound(key, candidates);
    const { command, args } = found;
    return { key, command, result: (await this.commands.execute(command, args)) ?? null };
  }

  async context(): Promise<readonly ContextKey[]> {
    return this.contextKeys.list();
  }

  dispose(): void {
    this.changeEmitter.dispose();
  }
}

function notBound(key: string, candidates: readonly Keybinding[]): BulkheadError {
  const conditions = candidates.slice(0, 5).map(({ command, when }) => `"${command}" when ${when}`);
  const message =
    candidates.length === 0
      ? `no command is run by ${key}`
      : `${key} runs nothing now: ${conditions.join(', ')}`;
  return new BulkheadError(ErrorCodes.keyNotBound, message, { where: key, remedy: 'See "bulkhead keys".' });
}
