import {
  type ExecuteCommandParams,
  ExecuteCommandRequest,
  MessageDirection,
  ProtocolRequestType,
  type RegistrationParams,
  RegistrationRequest,
  type UnregistrationParams,
  UnregistrationRequest,
} from 'vscode-languageserver-protocol';
import type { FromPlugin } from './extension-host.js';

// Between `MainThreadCommands` and `ExtHostCommands`: LSP's dynamic registration of `workspace/executeCommand`.

/** Core → host: run a command registered by one of the host's plugins. */
export { type ExecuteCommandParams, ExecuteCommandRequest };

/** Host → core: a plugin registers commands. Fails with `command.exists`; then none of them is registered. */
export namespace RegisterCommandRequest {
  export const method = RegistrationRequest.method;
  export const messageDirection = MessageDirection.serverToClient;
  export const type = new ProtocolRequestType<RegistrationParams & FromPlugin, null, never, void, void>(
    method,
  );
}

/** Host → core: the registrations with these ids have been disposed of. */
export namespace UnregisterCommandRequest {
  export const method = UnregistrationRequest.method;
  export const messageDirection = MessageDirection.serverToClient;
  export const type = new ProtocolRequestType<UnregistrationParams & FromPlugin, null, never, void, void>(
    method,
  );
}

/** Host → core: a plugin runs a command that is not its own. */
export namespace RunCommandForPluginRequest {
  export const method = ExecuteCommandRequest.method;
  export const messageDirection = MessageDirection.serverToClient;
  export const type = new ProtocolRequestType<ExecuteCommandParams & FromPlugin, unknown, never, void, void>(
    method,
  );
}

/** Host → core: names of all commands, sorted. */
export namespace ListCommandsRequest {
  export const method = 'commands/list' as const;
  export const messageDirection = MessageDirection.serverToClient;
  export const type = new ProtocolRequestType<FromPlugin, string[], never, void, void>(method);
}
