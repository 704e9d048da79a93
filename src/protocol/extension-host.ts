import {
  MessageDirection,
  ProtocolNotificationType,
  ProtocolRequestType,
} from 'vscode-languageserver-protocol';

// LSP's own messages where they mean the same.
export {
  ExecuteCommandRequest,
  LogMessageNotification,
  MessageType,
  RegistrationRequest,
  ShowMessageRequest,
  UnregistrationRequest,
} from 'vscode-languageserver-protocol';

/** What a plugin's `package.json` says, checked by the core before any of the plugin's code runs. */
export interface PluginDescription {
  /** `publisher.name`, or the package's name where no publisher is given. */
  readonly id: string;
  readonly version: string;
  readonly displayName: string;
  /** Absolute path of the plugin's folder. */
  readonly path: string;
  /** Absolute path of the module that `main` names. */
  readonly main: string;
}

/** Core → host: load and activate a plugin. Resolves once `activate` has returned or failed with `plugin.failed`. */
export namespace ActivatePluginRequest {
  export const method = 'plugin/activate' as const;
  export const messageDirection = MessageDirection.clientToServer;
  export const type = new ProtocolRequestType<
    { readonly plugin: PluginDescription },
    null,
    never,
    void,
    void
  >(method);
}

/** Core → host: call `deactivate` and dispose the plugin's subscriptions. */
export namespace DeactivatePluginRequest {
  export const method = 'plugin/deactivate' as const;
  export const messageDirection = MessageDirection.clientToServer;
  export const type = new ProtocolRequestType<{ readonly id: string }, null, never, void, void>(method);
}

/** Host → core: a plugin failed outside any call, e.g. by an unhandled rejection that the host survived. */
export interface PluginErrorParams {
  readonly id: string;
  readonly message: string;
  readonly stack?: string;
}

export namespace PluginErrorNotification {
  export const method = 'plugin/error' as const;
  export const messageDirection = MessageDirection.serverToClient;
  export const type = new ProtocolNotificationType<PluginErrorParams, void>(method);
}
