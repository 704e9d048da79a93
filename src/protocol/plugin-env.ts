import {
  MessageDirection,
  ProtocolNotificationType,
  ProtocolRequestType,
} from 'vscode-languageserver-protocol';
import type { FromPlugin } from './extension-host.js';

// Between `MainThreadEnv` and `ExtHostEnv`.

/** Most characters of an address that a plugin has opened. */
export const MAX_URL_CHARACTERS = 4096;

/** Host → core: resolves to whether the address was opened, or shown where there is no browser; cancelling withdraws the question. */
export namespace OpenExternalRequest {
  export const method = 'env/openExternal' as const;
  export const messageDirection = MessageDirection.serverToClient;
  export const type = new ProtocolRequestType<
    FromPlugin & { readonly url: string },
    boolean,
    never,
    void,
    void
  >(method);
}

/** How long a callback address stays open unless the plugin says otherwise, ms. */
export const CALLBACK_MS = 5 * 60_000;

/** Host → core: opens an address for one request of the browser. */
export namespace CreateCallbackRequest {
  export const method = 'env/createCallback' as const;
  export const messageDirection = MessageDirection.serverToClient;
  export const type = new ProtocolRequestType<
    FromPlugin & {
      /** How long it stays open, ms; `QUESTION_MS` at most, {@link CALLBACK_MS} if absent. */
      readonly timeoutMs?: number;
    },
    { readonly callback: number; readonly url: string },
    never,
    void,
    void
  >(method);
}

/** Core → host: a callback address has ended, with its request or without. */
export namespace CallbackNotification {
  export const method = 'env/didReceiveCallback' as const;
  export const messageDirection = MessageDirection.clientToServer;
  export const type = new ProtocolNotificationType<
    {
      readonly callback: number;
      /** Of the request, as it was sent: `code=…&state=…`. Null if there was none in time. */
      readonly query: string | null;
    },
    void
  >(method);
}

/** Host → core: the plugin waits no longer. */
export namespace CloseCallbackNotification {
  export const method = 'env/closeCallback' as const;
  export const messageDirection = MessageDirection.serverToClient;
  export const type = new ProtocolNotificationType<FromPlugin & { readonly callback: number }, void>(method);
}
