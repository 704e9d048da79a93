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

// Between `MainThreadProgress` and `ExtHostProgress`: LSP's work done progress. There is no `create`: a `begin` creates
// it.

export interface PluginProgressParams extends FromPlugin {
  /** Chosen by the host. */
  readonly token: string;
  readonly value: WorkDoneProgressBegin | WorkDoneProgressReport | WorkDoneProgressEnd;
}

/** Host → core: progress of a plugin's work. */
export namespace PluginProgressNotification {
  export const method = '$/progress' as const;
  export const messageDirection = MessageDirection.serverToClient;
  export const type = new ProtocolNotificationType<PluginProgressParams, void>(method);
}

/** Core → host: the streamer has cancelled it. */
export namespace CancelProgressNotification {
  export const method = WorkDoneProgressCancelNotification.method;
  export const messageDirection = MessageDirection.clientToServer;
  export const type = new ProtocolNotificationType<WorkDoneProgressCancelParams, void>(method);
}
