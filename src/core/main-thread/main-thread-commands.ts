import { inject, injectable } from 'inversify';
import type { Disposable } from 'vscode-jsonrpc';
import * as z from '../../base/zod.js';
import type { InstalledPlugin } from '../../plugins/installed-plugin.js';
import { isOwnCommand, ownCommandExpectation } from '../../plugins/plugin-name.js';
import { boundedList } from '../../protocol/bounded.js';
import { BulkheadError, ErrorCodes } from '../../protocol/errors.js';
import {
  type ExecuteCommandParams,
  ExecuteCommandRequest,
  ListCommandsRequest,
  RegisterCommandRequest,
  RunCommandForPluginRequest,
  UnregisterCommandRequest,
} from '../../protocol/plugin-commands.js';
import { Questions } from '../streamer/questions.js';
import { CommandRegistry } from './command-registry.js';
import { FromPluginSchema, type HostChannel } from './host-channel.js';
import type { MainThreadNamespace, ServedHost } from './main-thread-namespace.js';
import { type PluginCall, PluginCalls } from './plugin-calls.js';
import { deadlineFor, PluginDeadlines } from './plugin-deadlines.js';

/** Maximum number of commands registered by one host. */
const MAX_COMMANDS = 1000;

/** In one message. */
const MAX_REGISTRATIONS = 10;

const MAX_ARGUMENTS = 1000;

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
    @inject(Questions) private readonly questions: Pick<Questions, 'lastOpenMs'>,
  ) {}

  serve({ channel, plugins, log }: ServedHost): Disposable {
    const deadlineMs = deadlineFor(plugins, this.deadlines.commandMs);
    return new HostCommands(
      channel,
      plugins,
      this.commands,
      new PluginCalls(channel, deadlineMs, log, this.questions),
    );
  }
}

/** The commands of one host's plugins. */
class HostCommands implements Disposable {
  private readonly registered = new Map<string, Disposable & { readonly plugin: string }>();

  constructor(
    channel: HostChannel,
    private readonly plugins: readonly InstalledPlugin[],
    private readonly commands: CommandRegistry,
    private readonly calls: PluginCalls,
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
        const { dispose } = this.commands.register(name, plugin, (args, call) =>
          this.run(plugin, name, args, call),
        );
        this.registered.set(name, { plugin, dispose });
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

  private namesOf(id: string): readonly string[] {
    return [...this.registered].flatMap(([name, { plugin }]) => (plugin === id ? [name] : []));
  }

  private unregister(name: string): void {
    this.registered.get(name)?.dispose();
    this.registered.delete(name);
  }

  private run(plugin: string, command: string, args: readonly unknown[], call: PluginCall): Promise<unknown> {
    const called = { plugin, what: `the command "${command}"`, details: { command } };
    const params = { command, arguments: [...args] };
    return this.calls.run<ExecuteCommandParams, unknown>(called, ExecuteCommandRequest.type, params, call);
  }

  dispose(): void {
    for (const { id } of this.plugins) this.commands.keepFor(id, this.namesOf(id));
    for (const name of [...this.registered.keys()]) this.unregister(name);
  }
}
