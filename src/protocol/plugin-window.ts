import {
  LogMessageNotification,
  type LogMessageParams,
  type MessageActionItem,
  MessageDirection,
  MessageType,
  ProtocolNotificationType,
  ProtocolRequestType,
  ShowMessageNotification,
  type ShowMessageParams,
  ShowMessageRequest,
  type ShowMessageRequestParams,
} from 'vscode-languageserver-protocol';
import type { FromPlugin } from './extension-host.js';

// Between `MainThreadWindow` and `ExtHostWindow`.

export { MessageType };

/** Host → core: a plugin shows a message to the streamer. */
export namespace PluginMessageNotification {
  export const method = ShowMessageNotification.method;
  export const messageDirection = MessageDirection.serverToClient;
  export const type = new ProtocolNotificationType<ShowMessageParams & FromPlugin, void>(method);
}

/** Host → core: the same with answers to choose from. Resolves to null if it was dismissed or not answered in time. */
export namespace PluginQuestionRequest {
  export const method = ShowMessageRequest.method;
  export const messageDirection = MessageDirection.serverToClient;
  export const type = new ProtocolRequestType<
    ShowMessageRequestParams & FromPlugin,
    MessageActionItem | null,
    never,
    void,
    void
  >(method);
}

/** One line of a plugin's log. `MessageType.Log`, which LSP leaves open, is `trace`. */
export interface PluginLogParams extends LogMessageParams, FromPlugin {
  readonly channel: string;
}

export namespace PluginLogNotification {
  export const method = LogMessageNotification.method;
  export const messageDirection = MessageDirection.serverToClient;
  export const type = new ProtocolNotificationType<PluginLogParams, void>(method);
}
