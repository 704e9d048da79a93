import type { CancellationToken, Disposable } from 'vscode-jsonrpc';
import * as z from 'zod';
import { BulkheadError, ErrorCodes } from '../../protocol/errors.js';
import {
  ExecuteCommandRequest,
  ListCommandsRequest,
  RegisterCommandRequest,
  RunCommandForPluginRequest,
  UnregisterCommandRequest,
} from '../../protocol/plugin-commands.js';
import type { RpcConnection } from '../../rpc/rpc-connection.js';
import type { CommandRegistry } from './command-registry.js';
import { FromPluginSchema, type HostIdentity } from './host-identity.js';

/** As many commands as one host may register. */
const MAX_COMMANDS = 1000;

const CommandName = z.string().min(1).max(200);
const Registration = FromPluginSchema.extend({
  registrations: z
    .array(z.object({ registerOptions: z.object({ commands: z.array(CommandName) }) }))
    .max(MAX_COMMANDS),
});
const Unregistration = FromPluginSchema.extend({
  unregisterations: z.array(z.object({ id: CommandName })).max(MAX_COMMANDS),
});
const Execution = FromPluginSchema.extend({
  command: CommandName,
  arguments: z.array(z.unknown()).optional(),
});

/** Registers one host's commands in the core, and runs others' for its plugins. Its pair there is `ExtHostCommands`. */
export class MainThreadCommands implements Disposable {
  private readonly registered = new Map<string, Disposable>();

  constructor(
    private readonly connection: RpcConnection,
    identity: HostIdentity,
    private readonly commands: CommandRegistry,
    private readonly deadlineMs: number,
  ) {
    connection.onRequest(RegisterCommandRequest.type, (params) => {
      const { plugin, registrations } = identity.check(Registration, params);
      this.register(
        plugin,
        registrations.flatMap(({ registerOptions }) => registerOptions.commands),
      );
      return null;
    });
    connection.onRequest(UnregisterCommandRequest.type, (params) => {
      for (const { id } of identity.check(Unregistration, params).unregisterations) this.unregister(id);
      return null;
    });
    connection.onRequest(RunCommandForPluginRequest.type, (params, token) => {
      const { plugin, command, arguments: args } = identity.check(Execution, params);
      return commands.execute(command, args, { token, caller: plugin });
    });
    connection.onRequest(ListCommandsRequest.type, (params) => {
      identity.check(FromPluginSchema, params);
      return commands.list();
    });
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
      return await this.connection.sendRequest(
        ExecuteCommandRequest.type,
        { command, arguments: [...args] },
        { deadlineMs, ...(token === undefined ? {} : { token }) },
      );
    } catch (error) {
      const { code, message } = BulkheadError.from(error);
      if (code === ErrorCodes.rpcTimeout) {
        throw new BulkheadError(
          ErrorCodes.pluginFailed,
          `the plugin "${plugin}" failed: the command "${command}" did not answer in ${deadlineMs} ms`,
          { where: plugin, cause: error },
        );
      }
      if (code === ErrorCodes.rpcClosed) {
        throw new BulkheadError(
          ErrorCodes.pluginFailed,
          `the plugin "${plugin}" ended before the command "${command}" was done`,
          { where: plugin, cause: error },
        );
      }
      if (code === ErrorCodes.rpcUnencodable || code === ErrorCodes.rpcTooLarge) {
        throw new BulkheadError(
          ErrorCodes.pluginFailed,
          `the plugin "${plugin}" failed: the command "${command}" answered with what cannot be sent: ${message}`,
          { where: plugin, cause: error },
        );
      }
      throw error;
    }
  }

  dispose(): void {
    for (const name of [...this.registered.keys()]) this.unregister(name);
  }
}
