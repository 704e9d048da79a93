import {
  MessageDirection,
  ProtocolNotificationType,
  ProtocolRequestType,
} from 'vscode-languageserver-protocol';
import type { FromPlugin } from './extension-host.js';

// Between `MainThreadSecrets` and `ExtHostSecrets`. A plugin can access only its own secrets.

export interface SecretParams extends FromPlugin {
  readonly key: string;
}

/** Host → core: reads a secret; null if there is none. */
export namespace GetSecretRequest {
  export const method = 'secrets/get' as const;
  export const messageDirection = MessageDirection.serverToClient;
  export const type = new ProtocolRequestType<SecretParams, string | null, never, void, void>(method);
}

/** Host → core: sets a secret; null removes it. Fails as `storage/update` does. */
export namespace StoreSecretRequest {
  export const method = 'secrets/store' as const;
  export const messageDirection = MessageDirection.serverToClient;
  export const type = new ProtocolRequestType<
    SecretParams & { readonly value: string | null },
    null,
    never,
    void,
    void
  >(method);
}

/** Host → core: names of the plugin's secrets. */
export namespace ListSecretsRequest {
  export const method = 'secrets/list' as const;
  export const messageDirection = MessageDirection.serverToClient;
  export const type = new ProtocolRequestType<FromPlugin, string[], never, void, void>(method);
}

/** Core → host: a secret of one of its plugins has been set, changed or removed, by the plugin or the streamer. */
export namespace SecretChangedNotification {
  export const method = 'secrets/didChange' as const;
  export const messageDirection = MessageDirection.clientToServer;
  export const type = new ProtocolNotificationType<{ readonly plugin: string; readonly key: string }, void>(
    method,
  );
}
