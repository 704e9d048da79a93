import { inject, injectable } from 'inversify';
import type { CancellationToken, Disposable } from 'vscode-jsonrpc';
import * as z from 'zod';
import { RateLimiter } from '../../base/rate-limiter.js';
import type { InstalledPlugin } from '../../plugins/installed-plugin.js';
import { isOwnCommand, ownCommandExpectation } from '../../plugins/plugin-name.js';
import { boundedList } from '../../protocol/bounded.js';
import { BulkheadError, ErrorCodes } from '../../protocol/errors.js';
import {
  ExecuteCommandRequest,
  ListCommandsRequest,
  RegisterCommandRequest,
  RunCommandForPluginRequest,
  UnregisterCommandRequest,
} from '../../protocol/plugin-commands.js';
import { pluginStack } from '../../rpc/thrown-by-plugin.js';
import type { Log } from '../log/log.js';
import { CommandRegistry } from './command-registry.js';
import { FromPluginSchema, type HostChannel } from './host-channel.js';
import type { MainThreadNamespace, ServedHost } from './main-thread-namespace.js';
import { deadlineFor, PluginDeadlines } from './plugin-deadlines.js';

/** Maximum number of commands registered by one host. */
const MAX_COMMANDS = 1000;

/** In one message. */
const MAX_REGISTRATIONS = 10;

const MAX_ARGUMENTS = 1000;

/** How many failures of commands of one host are logged: so many at once, then so many a second. */
const LOGGED = { burst: 50, perSecond: 2 };

const CommandName = z.string().min(1).max(200);
/** LSP's form of a registration; a command is unregistered by its name. */
const LspRegistration = { id: CommandName, method: z.string().max(200) };
const Registration = FromPluginSchema.extend({
  registrations: boundedList(
    z.object({
      ...LspRegistration,
      registerOptions: z.object({ commands: boundedList(CommandName, MAX_COMMANDS) }),
    }),
    MAX_REGISTRATIONS,
  ),
});
const Unregistration = FromPluginSchema.extend({
  unregisterations: boundedList(z.object(LspRegistration), MAX_COMMANDS),
});
const Execution = FromPluginSchema.extend({
  command: CommandName,
  arguments: boundedList(z.unknown(), MAX_ARGUMENTS).optional(),
});

/**
 * Registers plugins' commands in the core, and runs other commands for plugins. Its pair in the host is
 * `ExtHostCommands`.
 */
@injectable()
export class MainThreadCommands implements MainThreadNamespace {
  constructor(
    @inject(CommandRegistry) private readonly commands: CommandRegistry,
    @inject(PluginDeadlines) private readonly deadlines: Pick<PluginDeadlines, 'commandMs'>,
  ) {}

  serve({ channel, plugins, log }: ServedHost): Disposable {
    const deadlineMs = deadlineFor(plugins, this.deadlines.commandMs);
    return new HostCommands(channel, plugins, this.commands, deadlineMs, log);
  }
}

/** The commands of one host's plugins. */
class HostCommands implements Disposable {
  private readonly registered = new Map<string, Disposable>();
  private readonly lines = new RateLimiter(LOGGED);

  constructor(
    private readonly channel: HostChannel,
    private readonly plugins: readonly InstalledPlugin[],
    private readonly commands: CommandRegistry,
    private readonly deadlineMs: number,
    private readonly log: Pick<Log, 'error'>,
  ) {
    channel.serve(RegisterCommandRequest.type, Registration, ({ plugin, registrations }) => {
      this.register(
        plugin,
        registrations.flatMap(({ registerOptions }) => registerOptions.commands),
      );
      return null;
    });
    channel.serve(UnregisterCommandRequest.type, Unregistration, ({ unregisterations }) => {
      for (const { id } of unregisterations) this.unregister(id);
      return null;
    });
    channel.serve(RunCommandForPluginRequest.type, Execution, ({ plugin, command, arguments: args }, token) =>
      commands.execute(command, args, { token, caller: plugin }),
    );
    channel.serve(ListCommandsRequest.type, FromPluginSchema, () => commands.list());
  }

  private register(plugin: string, names: readonly string[]): void {
    if (this.registered.size + names.length > MAX_COMMANDS) {
      throw new BulkheadError(ErrorCodes.pluginFailed, `more than ${MAX_COMMANDS} commands`, {
        where: plugin,
      });
    }
    const added: string[] = [];
    try {
      for (const name of names) {
        this.checkName(plugin, name);
        this.registered.set(
          name,
          this.commands.register(name, plugin, (args, { token }) => this.run(plugin, name, args, token)),
        );
        added.push(name);
      }
    } catch (error) {
      for (const name of added) this.unregister(name);
      throw error;
    }
  }

  /** @throws `plugin.invalid` if it does not begin with the plugin's own name: another plugin's commands are its own. */
  private checkName(id: string, command: string): void {
    const plugin = this.plugins.find((candidate) => candidate.id === id);
    if (plugin === undefined || isOwnCommand(plugin, command)) return;
    throw new BulkheadError(
      ErrorCodes.pluginInvalid,
      `the command "${command}": ${ownCommandExpectation(plugin)}`,
      { where: id },
    );
  }

  private unregister(name: string): void {
    this.registered.get(name)?.dispose();
    this.registered.delete(name);
  }

  private async run(
    plugin: string,
    command: string,
    args: readonly unknown[],
    token: CancellationToken | undefined,
  ): Promise<unknown> {
    const { deadlineMs } = this;
    try {
      return await this.channel.sendRequest(
        ExecuteCommandRequest.type,
        { command, arguments: [...args] },
        { deadlineMs, token },
      );
    } catch (error) {
      const given = BulkheadError.from(error);
      const failure = this.failure(plugin, command, given);
      // The end of a host is reported for itself, and whoever cancels a command knows of it.
      const isKnown = given.code === ErrorCodes.rpcClosed || given.code === ErrorCodes.rpcCancelled;
      if (!isKnown) this.report(plugin, command, failure);
      throw failure;
    }
  }

  private failure(plugin: string, command: string, error: BulkheadError): BulkheadError {
    const failed = (message: string) =>
      new BulkheadError(ErrorCodes.pluginFailed, message, { where: plugin, cause: error });
    const subject = `the plugin "${plugin}" failed: the command "${command}"`;
    switch (error.code) {
      case ErrorCodes.rpcTimeout:
        return failed(`${subject} did not respond within ${this.deadlineMs} ms`);
      case ErrorCodes.rpcClosed:
        return failed(`the plugin "${plugin}" ended before the command "${command}" was done`);
      case ErrorCodes.rpcUnencodable:
      case ErrorCodes.rpcTooLarge:
        return failed(`${subject} returned a value that cannot be sent: ${error.message}`);
      default:
        return error;
    }
  }

  /** For the plugin's author: whoever runs a command gets the message alone. */
  private report(plugin: string, command: string, failure: BulkheadError): void {
    if (!this.lines.take()) return;
    const unlogged = this.lines.takeRefused();
    // A missing permission is for the streamer to grant.
    const stack = failure.code === ErrorCodes.permissionDenied ? undefined : pluginStack(failure);
    this.log.error(failure.message, {
      ...{ plugin, command },
      ...(stack !== undefined && { stack }),
      ...(unlogged > 0 && { unlogged }),
    });
  }

  dispose(): void {
    for (const name of [...this.registered.keys()]) this.unregister(name);
  }
}
