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

/** A question that is not answered for this long counts as dismissed, ms. */
export const QUESTION_MS = 10 * 60_000;

/** What a message may have besides its text. */
export interface MessageExtras {
  /** More text, for below it. */
  readonly detail?: string;
  /** Only of questions: the plugin asks for an answer before anything else. */
  readonly modal?: boolean;
  /** Only of questions: how long the answer is waited for, ms; {@link QUESTION_MS} at most, and if absent. */
  readonly timeoutMs?: number;
}

/** Host → core: a plugin shows a message to the streamer. */
export namespace PluginMessageNotification {
  export const method = ShowMessageNotification.method;
  export const messageDirection = MessageDirection.serverToClient;
  export const type = new ProtocolNotificationType<ShowMessageParams & FromPlugin & MessageExtras, void>(
    method,
  );
}

/** Host → core: the same with answers to choose from. Resolves to null if it was dismissed or not answered in time. */
export namespace PluginQuestionRequest {
  export const method = ShowMessageRequest.method;
  export const messageDirection = MessageDirection.serverToClient;
  export const type = new ProtocolRequestType<
    ShowMessageRequestParams & FromPlugin & MessageExtras,
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
