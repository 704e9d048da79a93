import { inject, injectable } from 'inversify';
import type { CancellationToken, Disposable } from 'vscode-jsonrpc';
import type { AvailableCommand } from '../../protocol/available-commands.js';
import { BulkheadError, ErrorCodes } from '../../protocol/errors.js';
import { ContextKeys } from './context-keys.js';

/** The owner of Bulkhead's own commands. */
export const CORE = 'core';

/** Who runs a command, and its deadline. */
export interface CommandCall {
  readonly token?: CancellationToken | undefined;
  /** The plugin that runs it; absent for the streamer and the streamer's tools. */
  readonly caller?: string | undefined;
}

/** Runs a command. A command of a plugin has its own deadline and never blocks the core. */
export type CommandHandler = (args: readonly unknown[], call: CommandCall) => unknown;

interface RegisteredCommand {
  readonly owner: string;
  readonly handler: CommandHandler;
  readonly title?: string | undefined;
}

/** A command declared before it has been registered. */
interface Contribution {
  readonly owner: string;
  readonly activate: () => Promise<void>;
  readonly title?: string | undefined;
  readonly enablement?: string | undefined;
}

/** All available commands, of the core and of plugins in any extension host. */
@injectable()
export class CommandRegistry {
  private readonly commands = new Map<string, RegisteredCommand>();
  private readonly contributions = new Map<string, Contribution>();
  /** Plugins by the commands that they had when their hosts ended. */
  private readonly reserved = new Map<string, string>();
  /** Versions of the plugins that there are, by id. */
  private plugins: ReadonlyMap<string, string> = new Map();

  constructor(@inject(ContextKeys) private readonly context: Pick<ContextKeys, 'holds' | 'evaluator'>) {}

  /**
   * @param owner a plugin's id, or {@link CORE}.
   * @param title For the streamer; a plugin's is in its manifest.
   * @throws `command.exists` if another owner has registered the name.
   */
  register(command: string, owner: string, handler: CommandHandler, title?: string): Disposable {
    const existing = (this.commands.get(command) ?? this.contributions.get(command))?.owner;
    const first = existing ?? this.reserved.get(command) ?? owner;
    if (first !== owner || this.commands.has(command)) {
      const named = first === CORE ? 'Bulkhead' : `the plugin "${first}"`;
      const when = existing === undefined ? 'was registered before' : 'is already registered';
      throw new BulkheadError(ErrorCodes.commandExists, `the command "${command}" ${when} by ${named}`, {
        where: owner,
        remedy: `Begin the names of its commands with its id, as in ${owner}.doIt.`,
      });
    }
    const entry = { owner, handler, title };
    this.commands.set(command, entry);
    return {
      dispose: () => {
        if (this.commands.get(command) === entry) this.commands.delete(command);
      },
    };
  }

  /** @param plugins all that there are: what was kept for one that is gone, or has another version, is free again */
  setPlugins(plugins: readonly { readonly id: string; readonly version: string }[]): void {
    const before = this.plugins;
    this.plugins = new Map(plugins.map(({ id, version }) => [id, version]));
    for (const [command, owner] of this.reserved) {
      if (this.plugins.get(owner) !== before.get(owner)) this.reserved.delete(command);
    }
  }

  /** The host of a plugin has ended: its commands are kept for it, or when all restart, another plugin could be faster. */
  keepFor(plugin: string, commands: readonly string[]): void {
    for (const [command, owner] of this.reserved) if (owner === plugin) this.reserved.delete(command);
    if (this.plugins.has(plugin)) for (const command of commands) this.reserved.set(command, plugin);
  }

  /**
   * Reserves a name for a plugin that will register it when it is activated. Of two contributions the later one applies.
   *
   * @param activate Resolves once the plugin is active.
   * @param title For the streamer.
   * @param enablement The condition without which it is not run.
   */
  contribute(
    command: string,
    owner: string,
    activate: () => Promise<void>,
    title?: string,
    enablement?: string,
  ): Disposable {
    const contribution = { owner, activate, title, enablement };
    this.contributions.set(command, contribution);
    return {
      dispose: () => {
        if (this.contributions.get(command) === contribution) this.contributions.delete(command);
      },
    };
  }

  /**
   * Runs a command and returns its result.
   *
   * @throws `command.notFound`; `command.notEnabled` while its condition does not hold; `plugin.failed` if the plugin cannot be activated, throws, or does not respond in time;
   * `permission.denied` if it lacks a permission for the command; `rpc.closed` if its host ends first.
   */
  async execute(command: string, args: readonly unknown[] = [], call: CommandCall = {}): Promise<unknown> {
    this.requireEnabled(command);
    const entry = this.commands.get(command) ?? (await this.activated(command));
    return entry.handler(args, call);
  }

  /** Names of all commands, sorted. */
  list(): string[] {
    return [...new Set([...this.commands.keys(), ...this.contributions.keys()])].sort();
  }

  /** All commands, sorted by name. */
  describe(): AvailableCommand[] {
    const holds = this.context.evaluator();
    return this.list().map((command) => {
      const { owner, title } = { ...this.commands.get(command), ...this.contributions.get(command) };
      const { enablement } = this.contributions.get(command) ?? {};
      const isEnabled = enablement === undefined || holds(enablement);
      return { command, title, plugin: owner === CORE ? undefined : owner, enablement, isEnabled };
    });
  }

  private requireEnabled(command: string): void {
    const { owner, enablement } = this.contributions.get(command) ?? {};
    if (enablement === undefined || this.context.holds(enablement)) return;
    throw new BulkheadError(
      ErrorCodes.commandNotEnabled,
      `the command "${command}" is not available now: it is when ${enablement}`,
      { where: owner, remedy: 'See "bulkhead keys context" for what is the case now.' },
    );
  }

  /** Activates the plugin that contributes the command, then returns the command. */
  private async activated(command: string): Promise<RegisteredCommand> {
    const contribution = this.contributions.get(command);
    if (contribution === undefined) {
      throw new BulkheadError(ErrorCodes.commandNotFound, `there is no command "${command}"`, {
        where: command,
        remedy: this.suggestion(),
      });
    }
    const { owner, activate } = contribution;
    await activate();
    const entry = this.commands.get(command);
    if (entry !== undefined) return entry;
    throw new BulkheadError(
      ErrorCodes.commandNotFound,
      `the plugin "${owner}" declares the command "${command}" but did not register it when it was activated`,
      { where: owner },
    );
  }

  private suggestion(): string {
    const names = this.list();
    if (names.length === 0) return 'No plugin has registered a command.';
    return `Available commands: ${names.slice(0, 10).join(', ')}${names.length > 10 ? ' …' : ''}.`;
  }
}
