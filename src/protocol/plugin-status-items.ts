import {
  MessageDirection,
  ProtocolNotificationType,
  ProtocolRequestType,
} from 'vscode-languageserver-protocol';
import type { FromPlugin } from './extension-host.js';

// Between `MainThreadStatusItems` and `ExtHostStatusItems`.

export interface StatusItemParams extends FromPlugin {
  /** As the plugin's manifest declares it in `contributes.statusItems`. */
  readonly id: string;
}

/** Host → core: a plugin is about to use one of its status items. Fails with `plugin.invalid` if it declares no such item. */
export namespace OpenStatusItemRequest {
  export const method = 'statusItems/open' as const;
  export const messageDirection = MessageDirection.serverToClient;
  export const type = new ProtocolRequestType<StatusItemParams, null, never, void, void>(method);
}

/** Host → core: the item's new text; an empty text hides it. */
export namespace StatusItemNotification {
  export const method = 'statusItems/didChange' as const;
  export const messageDirection = MessageDirection.serverToClient;
  export const type = new ProtocolNotificationType<StatusItemParams & { readonly text: string }, void>(
    method,
  );
}
