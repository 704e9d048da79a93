import {
  MessageDirection,
  ProtocolNotificationType,
  type WorkDoneProgressBegin,
  WorkDoneProgressCancelNotification,
  type WorkDoneProgressCancelParams,
  type WorkDoneProgressEnd,
  type WorkDoneProgressReport,
} from 'vscode-languageserver-protocol';
import type { FromPlugin } from './extension-host.js';

// Between `MainThreadProgress` and `ExtHostProgress`: LSP's work done progress. There is no `create`: a `begin` is one.

export interface PluginProgressParams extends FromPlugin {
  /** The host's own name for it. */
  readonly token: string;
  readonly value: WorkDoneProgressBegin | WorkDoneProgressReport | WorkDoneProgressEnd;
}

/** Host → core: how far a plugin's work has come. */
export namespace PluginProgressNotification {
  export const method = '$/progress' as const;
  export const messageDirection = MessageDirection.serverToClient;
  export const type = new ProtocolNotificationType<PluginProgressParams, void>(method);
}

/** Core → host: the streamer wants it to stop. */
export namespace CancelProgressNotification {
  export const method = WorkDoneProgressCancelNotification.method;
  export const messageDirection = MessageDirection.clientToServer;
  export const type = new ProtocolNotificationType<WorkDoneProgressCancelParams, void>(method);
}
