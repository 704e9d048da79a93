import {
  MessageDirection,
  ProtocolNotificationType,
  ProtocolRequestType,
} from 'vscode-languageserver-protocol';
import type { FromPlugin } from './extension-host.js';

// Between `MainThreadPermissions` and `ExtHostPermissions`.

export interface RequestPermissionParams extends FromPlugin {
  readonly permission: string;
}

/**
 * Host → core: asks the streamer for a permission; resolves with whether the plugin has it. Fails with `permission.denied` if
 * its manifest does not name it, `config.invalid`, `rpc.busy`.
 */
export namespace RequestPermissionRequest {
  export const method = 'permissions/request' as const;
  export const messageDirection = MessageDirection.serverToClient;
  export const type = new ProtocolRequestType<RequestPermissionParams, boolean, never, void, void>(method);
}

export interface GrantedPermissionsParams {
  /** By plugin. */
  readonly granted: Readonly<Record<string, readonly string[]>>;
}

/** Core → host: the permissions that its plugins have from now on. */
export namespace GrantedPermissionsNotification {
  export const method = 'permissions/granted' as const;
  export const messageDirection = MessageDirection.clientToServer;
  export const type = new ProtocolNotificationType<GrantedPermissionsParams, void>(method);
}
