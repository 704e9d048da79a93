import { MessageDirection, ProtocolRequestType } from 'vscode-languageserver-protocol';
import type { FromPlugin } from './extension-host.js';

// Between `MainThreadContext` and `ExtHostContext`.

export interface SetContextParams extends FromPlugin {
  /** It begins with the plugin's own name. */
  readonly key: string;
  /** Null removes it. */
  readonly value: string | number | boolean | readonly (string | number)[] | null;
}

/**
 * Host → core: sets a context key of the plugin. Fails with `plugin.invalid` for a name or a value that it cannot have, and with `rpc.busy`.
 */
export namespace SetContextRequest {
  export const method = 'context/set' as const;
  export const messageDirection = MessageDirection.serverToClient;
  export const type = new ProtocolRequestType<SetContextParams, null, never, void, void>(method);
}
