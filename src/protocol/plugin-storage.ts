import { MessageDirection, ProtocolRequestType } from 'vscode-languageserver-protocol';
import type { FromPlugin } from './extension-host.js';

// Between `MainThreadStorage` and `ExtHostStorage`. Values travel, and lie on the disk, as the JSON text that the plugin's
// host has made of them: the core has no reason to look into them.

/** Host → core: all that a plugin has stored, JSON texts by their keys. */
export namespace ReadStateRequest {
  export const method = 'storage/read' as const;
  export const messageDirection = MessageDirection.serverToClient;
  export const type = new ProtocolRequestType<
    FromPlugin,
    Readonly<Record<string, string>>,
    never,
    void,
    void
  >(method);
}

export interface UpdateStateParams extends FromPlugin {
  readonly key: string;
  /** JSON text; null removes the key. */
  readonly value: string | null;
}

/** Host → core: resolves once it is on the disk. Fails with `storage.quota` or `storage.failed`; then nothing has changed. */
export namespace UpdateStateRequest {
  export const method = 'storage/update' as const;
  export const messageDirection = MessageDirection.serverToClient;
  export const type = new ProtocolRequestType<UpdateStateParams, null, never, void, void>(method);
}
