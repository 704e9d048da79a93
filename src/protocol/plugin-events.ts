import { MessageDirection, ProtocolRequestType } from 'vscode-languageserver-protocol';
import type { FromPlugin } from './extension-host.js';

// Between `MainThreadEvents` and `ExtHostEvents`: events that plugins fire for each other.

/** Most that is fired with an event, as JSON, characters. */
export const MAX_PAYLOAD_CHARACTERS = 16 * 1024;

export interface EventParams extends FromPlugin {
  readonly event: string;
}

export interface FireEventParams extends EventParams {
  readonly payload?: unknown;
}

/** Host → core: a plugin fires an event of its own. Fails with `plugin.invalid`, `rpc.tooLarge`, `rpc.busy`. */
export namespace FireEventRequest {
  export const method = 'events/fire' as const;
  export const messageDirection = MessageDirection.serverToClient;
  export const type = new ProtocolRequestType<FireEventParams, null, never, void, void>(method);
}

/** Host → core: a plugin listens to an event from now on. Fails with `permission.denied`. */
export namespace ListenRequest {
  export const method = 'events/listen' as const;
  export const messageDirection = MessageDirection.serverToClient;
  export const type = new ProtocolRequestType<EventParams, null, never, void, void>(method);
}

/** Host → core: a plugin listens no longer. */
export namespace UnlistenRequest {
  export const method = 'events/unlisten' as const;
  export const messageDirection = MessageDirection.serverToClient;
  export const type = new ProtocolRequestType<EventParams, null, never, void, void>(method);
}

/** Core → host: an event for one of the host's plugins. Answered when its listeners have been called: a few are sent before that. */
export namespace DeliverEventRequest {
  export const method = 'events/deliver' as const;
  export const messageDirection = MessageDirection.clientToServer;
  export const type = new ProtocolRequestType<FireEventParams, null, never, void, void>(method);
}
