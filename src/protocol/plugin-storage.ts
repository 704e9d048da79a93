import {
  MessageDirection,
  ProtocolNotificationType,
  ProtocolRequestType,
} from 'vscode-languageserver-protocol';
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

export interface ProfileState {
  readonly profile: string;
  /** JSON texts by their keys. */
  readonly values: Readonly<Record<string, string>>;
}

/** Host → core: all that a plugin has stored for the present profile. */
export namespace ReadProfileStateRequest {
  export const method = 'storage/readProfile' as const;
  export const messageDirection = MessageDirection.serverToClient;
  export const type = new ProtocolRequestType<FromPlugin, ProfileState, never, void, void>(method);
}

/** Core → host: the profile, before any plugin is activated and at each change. What was read for another one counts no more. */
export namespace ProfileNotification {
  export const method = 'storage/didChangeProfile' as const;
  export const messageDirection = MessageDirection.clientToServer;
  export const type = new ProtocolNotificationType<{ readonly profile: string }, void>(method);
}

export interface UpdateStateParams extends FromPlugin {
  /** For this profile alone; it must be the present one. For all of them without it. */
  readonly profile?: string;
  readonly key: string;
  /** JSON text; null removes the key. */
  readonly value: string | null;
  /** Of a {@link StageStateRequest}: what was staged under it comes before `value`. */
  readonly transfer?: number;
}

export interface StageStateParams extends FromPlugin {
  /** Chosen by the host, one for each value that is sent in pieces. */
  readonly transfer: number;
  /** At most `MAX_PIECE_CHARACTERS`. */
  readonly piece: string;
}

/** Host → core: the next piece of a value that does not fit into one message. Kept until the update that names its transfer. */
export namespace StageStateRequest {
  export const method = 'storage/stage' as const;
  export const messageDirection = MessageDirection.serverToClient;
  export const type = new ProtocolRequestType<StageStateParams, null, never, void, void>(method);
}

/** Host → core: resolves once it is on the disk. Fails with `storage.quota` or `storage.failed`; then nothing has changed. */
export namespace UpdateStateRequest {
  export const method = 'storage/update' as const;
  export const messageDirection = MessageDirection.serverToClient;
  export const type = new ProtocolRequestType<UpdateStateParams, null, never, void, void>(method);
}
