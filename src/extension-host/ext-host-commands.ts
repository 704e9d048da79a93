import type { Disposable } from 'vscode-jsonrpc';
import { BulkheadError, ErrorCodes } from '../protocol/errors.js';
import {
  ExecuteCommandRequest,
  ListCommandsRequest,
  RegisterCommandRequest,
  RunCommandForPluginRequest,
  UnregisterCommandRequest,
} from '../protocol/plugin-commands.js';
import type { RpcConnection } from '../rpc/rpc-connection.js';
import { callOther, NO_DEADLINE } from './call-other.js';
import type { PluginScope } from './plugin-scope.js';
import { requireJson } from './require-json.js';

interface Registration {
  readonly scope: PluginScope;
  readonly handler: (...args: never[]) => unknown;
}

/** The `commands` of this host's plugins. Its pair in the core is `MainThreadCommands`. */
export class ExtHostCommands {
  private readonly registrations = new Map<string, Registration>();

  constructor(private readonly connection: RpcConnection) {
    connection.onRequest(ExecuteCommandRequest.type, ({ command, arguments: args }) =>
      this.run(command, args ?? []),
    );
  }

  registerCommand(scope: PluginScope, command: string, handler: (...args: never[]) => unknown): Disposable {
    scope.checkActive();
    if (typeof command !== 'string' || typeof handler !== 'function') {
      throw new TypeError('registerCommand expects a name and a function');
    }
    const owner = this.registrations.get(command)?.scope.id;
    if (owner !== undefined) {
      const message = `the command "${command}" is already registered by the plugin "${owner}"`;
      throw new BulkheadError(ErrorCodes.commandExists, message, { where: scope.id });
    }
    const registration = { scope, handler };
    this.registrations.set(command, registration);
    const plugin = scope.id;
    const registered = this.connection.sendRequest(RegisterCommandRequest.type, {
      plugin,
      registrations: [
        { id: command, method: ExecuteCommandRequest.method, registerOptions: { commands: [command] } },
      ],
    });
    scope.track(`registering the command "${command}"`, registered);
    const dispose = () => {
      this.registrations.delete(command);
      // A closed connection has already removed the registration.
      this.connection
        .sendRequest(UnregisterCommandRequest.type, {
          plugin,
          unregisterations: [{ id: command, method: ExecuteCommandRequest.method }],
        })
        .catch(() => {});
    };
    return scope.hold({ dispose }, `the command "${command}"`);
  }

  executeCommand(scope: PluginScope, command: string, args: unknown[]): Promise<unknown> {
    return callOther(scope, `the command "${command}"`, args, () =>
      this.connection.sendRequest(
        RunCommandForPluginRequest.type,
        { plugin: scope.id, command, arguments: args },
        NO_DEADLINE,
      ),
    );
  }

  async getCommands(scope: PluginScope): Promise<string[]> {
    scope.checkActive();
    return this.connection.sendRequest(ListCommandsRequest.type, { plugin: scope.id });
  }

  private async run(command: string, args: readonly unknown[]): Promise<unknown> {
    const registration = this.registrations.get(command);
    if (registration === undefined) {
      throw new BulkheadError(ErrorCodes.commandNotFound, `there is no command "${command}"`, {
        where: command,
      });
    }
    const { scope, handler } = registration;
    try {
      const result = await handler(...(args as never[]));
      requireJson(result, 'its result');
      return result;
    } catch (error) {
      throw scope.failure(`the command "${command}"`, error);
    }
  }
}
