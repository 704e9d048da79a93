import {
  MessageDirection,
  ProtocolNotificationType,
  ProtocolRequestType,
} from 'vscode-languageserver-protocol';
import type { FromPlugin } from './extension-host.js';

// Between `MainThreadStorage` and `ExtHostStorage`. Values are sent and stored as the JSON text made by the plugin's host: the
// core does not need to parse them.

/** Host → core: all stored values of a plugin, JSON texts by key. */
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
  /** JSON texts by key. */
  readonly values: Readonly<Record<string, string>>;
}

/** Host → core: all stored values of a plugin for the current profile. */
export namespace ReadProfileStateRequest {
  export const method = 'storage/readProfile' as const;
  export const messageDirection = MessageDirection.serverToClient;
  export const type = new ProtocolRequestType<FromPlugin, ProfileState, never, void, void>(method);
}

/**
 * Core → host: the profile, before any plugin is activated and at each change. Values read for another profile become invalid.
 */
export namespace ProfileNotification {
  export const method = 'storage/didChangeProfile' as const;
  export const messageDirection = MessageDirection.clientToServer;
  export const type = new ProtocolNotificationType<{ readonly profile: string }, void>(method);
}

export interface UpdateStateParams extends FromPlugin {
  /** Store for this profile only, which must be the current one; for all profiles if undefined. */
  readonly profile?: string;
  readonly key: string;
  /** JSON text; null removes the key. */
  readonly value: string | null;
  /** The pieces sent with this {@link StageStateRequest} transfer precede `value`. */
  readonly transfer?: number;
  /** Store for the upgrade that has begun; `profile` is then any of those with stored values. */
  readonly upgraded?: true;
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

/**
 * Host → core: resolves once it has been written to the disk. Fails with `storage.quota` or `storage.failed`; then nothing has
 * changed.
 */
export namespace UpdateStateRequest {
  export const method = 'storage/update' as const;
  export const messageDirection = MessageDirection.serverToClient;
  export const type = new ProtocolRequestType<UpdateStateParams, null, never, void, void>(method);
}

/** What is used of a quota, bytes. */
export interface QuotaUsage {
  readonly bytes: number;
  readonly quotaBytes: number;
}

/** What a plugin has stored. */
export interface StorageUsage {
  /** For all profiles. */
  readonly state: QuotaUsage;
  /** For the current profile. */
  readonly profileState: QuotaUsage;
  readonly secrets: QuotaUsage;
  /** Its folder, with its state of every profile: as measured in the last seconds. */
  readonly files: QuotaUsage & {
    /** Files and folders. */
    readonly entries: number;
    readonly maxEntries: number;
  };
}

/** Host → core: how much of its quotas a plugin uses. Fails with `storage.failed`, and with `rpc.busy` if asked too often. */
export namespace StorageUsageRequest {
  export const method = 'storage/usage' as const;
  export const messageDirection = MessageDirection.serverToClient;
  export const type = new ProtocolRequestType<FromPlugin, StorageUsage, never, void, void>(method);
}
