import { MessageDirection, ProtocolRequestType } from 'vscode-languageserver-protocol';
import type { ErrorData } from './errors.js';
import type { PartState } from './lifecycle.js';
import type { IsolationTier } from './status/extension-host-status.js';

/**
 * The part of the control API that manages plugins while the core runs, one request at a time. Packages are downloaded,
 * unpacked and checked by the client, in the library's staging folder: the core only moves a finished folder into place.
 */

/**
 * A plugin's state: that of its host's process; `waiting` for what activates it; `disabled` by the streamer; `replaced` by a
 * plugin with the same id from another source; `refused` because it is invalid; `off` while no core runs.
 */
export type PluginState = PartState | 'waiting' | 'disabled' | 'replaced' | 'refused' | 'off';

export interface PluginInfo {
  readonly id: string;
  readonly version: string;
  readonly state: PluginState;
  /** `library` for the installed ones. */
  readonly source: 'development' | 'folder' | 'library';
  /** Its folder. */
  readonly path: string;
  /** Permissions that its manifest asks for, and those that the streamer has granted. */
  readonly asked: readonly string[];
  /** Permissions that it may ask the streamer for while it runs. */
  readonly optional: readonly string[];
  readonly granted: readonly string[];
  /** Maximum size of its folder, MB. */
  readonly storageMb: number;
  /** For display. */
  readonly displayName?: string;
  /** What it was installed from: a folder, an archive or an npm package; and when, ISO 8601. */
  readonly spec?: string;
  readonly installedAt?: string;
  /** Where the package of npm came from, as the streamer has accepted it. */
  readonly origin?: PackageOrigin;
  /** The version before, which a rollback goes to. */
  readonly previous?: string;
  /** The newer version that a rollback has left; only a newer one than that is an update. */
  readonly leftVersion?: string;
  /** Process id of its host, if it has one. */
  readonly pid?: number;
  readonly restarts?: number;
  readonly tier?: IsolationTier;
  readonly error?: ErrorData;
}

export interface PluginList {
  readonly plugins: readonly PluginInfo[];
  /** What isolates plugins from the rest of this machine and what does not, in one sentence. */
  readonly isolation: string;
  /** Whether that holds hostile code to the scopes of its permissions. */
  readonly enforcesScopes: boolean;
  /** Folder of the installed plugins. */
  readonly library: string;
  /** Stored data of plugins that have been removed. */
  readonly kept: readonly KeptData[];
}

/** Says that data of a plugin is stored here, and where that plugin came from. */
export interface KeptData {
  readonly id: string;
  /** As in {@link InstallParams}. */
  readonly spec: string;
  readonly origin?: PackageOrigin | undefined;
}

/** Where a version of a package of npm comes from. */
export interface PackageOrigin {
  /** The package's name. */
  readonly package: string;
  /** The registry's address. */
  readonly registry: string;
  /** The digest of its archive, as in Subresource Integrity: `sha512-…`. */
  readonly integrity: string;
  /** The registry's account that has published it, if the registry says so. */
  readonly publisher?: string | undefined;
  /** The accounts that may publish versions. */
  readonly maintainers: readonly string[];
  /** Undefined if the registry has none for this version. */
  readonly provenance?: Provenance | undefined;
}

/** What an attestation (SLSA provenance) says about how an archive was built. Its digest is always that of the archive. */
export interface Provenance {
  /** Address of the source's repository: `https://github.com/someone/chat`. */
  readonly repository: string;
  readonly commit: string;
  /** What has built it, as an address. */
  readonly builder: string;
  /** The workflow's file in the repository. */
  readonly workflow?: string | undefined;
  /**
   * Whether it is signed by a workflow of that repository, according to Sigstore. If not, it is only what the registry
   * states.
   */
  readonly verified: boolean;
  /** Why it is not verified. */
  readonly reason?: string | undefined;
}

/** What to do with a plugin's stored data, secrets included, when a plugin with its id is installed from another source. */
export type StoredData = 'keep' | 'fresh';

export interface InstallParams {
  /** A folder in the library's staging folder, unpacked and checked. */
  readonly staged: string;
  /** What the user has entered. */
  readonly spec: string;
  readonly granted: readonly string[];
  /** How much the streamer allows it to keep in its folder, MB. */
  readonly storageMb: number;
  /** The streamer's decision about stored data; required if the source is another one. `fresh` deletes it. */
  readonly data?: StoredData;
  /** Of a package of npm. */
  readonly origin?: PackageOrigin;
  /** The streamer accepts that another publisher or source has built it than the version before. */
  readonly acceptChangedSource?: boolean;
}

/** Result of a change of a plugin. */
export interface ChangedPlugin {
  readonly plugin: PluginInfo;
  /** The version before, if there was one. */
  readonly before?: string;
  /** Nothing was done: it has this very version already. */
  readonly unchanged?: true;
}

export interface SetEnabledParams {
  readonly id: string;
  readonly enabled: boolean;
  /** Even if other plugins need it. */
  readonly force: boolean;
}

export interface SetPermissionParams {
  readonly id: string;
  readonly permission: string;
  readonly granted: boolean;
}

export interface RemoveParams {
  readonly id: string;
  /** Also deletes its stored data. */
  readonly purge: boolean;
  /** Even if other plugins need it. */
  readonly force: boolean;
}

/** Everything that can be done to plugins, by a core or, if none runs, directly on the library. */
export interface PluginManagement {
  list(): Promise<PluginList>;
  /**
   * Installs a plugin, or another version of it. On air its host is replaced; if the new version is not active in time, the
   * version before is restored and started again.
   *
   * @throws `plugin.invalid`, `plugin.failed`, `plugin.otherSource`, `plugin.changedSource`; then the version before is still installed, unless its
   * stored data has been deleted as requested.
   */
  install(params: InstallParams): Promise<ChangedPlugin>;
  /**
   * Goes back to the version before, with what that was granted, as far as it has not been revoked since. The version that
   * is left is the one before from then on. On air its host is replaced, as by {@link install}.
   *
   * @throws `plugin.noVersionBefore`, `plugin.failed`; then nothing has changed.
   */
  rollback(params: { readonly id: string }): Promise<ChangedPlugin>;
  /** @throws `plugin.needed` that names the plugins that need it, or those that it needs. */
  setEnabled(params: SetEnabledParams): Promise<ChangedPlugin>;
  /** Takes effect immediately. @throws `permission.denied` if its manifest does not ask for the permission. */
  setPermission(params: SetPermissionParams): Promise<ChangedPlugin>;
  /** @throws `plugin.needed` that names the plugins that need it. */
  remove(params: RemoveParams): Promise<ChangedPlugin>;
  /** Restarts its host, even in quarantine. Resolves when the plugin is active again. */
  restart(params: { readonly id: string }): Promise<ChangedPlugin>;
}

export namespace ListPluginsRequest {
  export const method = 'plugins/list' as const;
  export const messageDirection = MessageDirection.clientToServer;
  export const type = new ProtocolRequestType<Record<string, never>, PluginList, never, void, void>(method);
}

export namespace InstallPluginRequest {
  export const method = 'plugins/install' as const;
  export const messageDirection = MessageDirection.clientToServer;
  export const type = new ProtocolRequestType<InstallParams, ChangedPlugin, never, void, void>(method);
}

export namespace RollBackPluginRequest {
  export const method = 'plugins/rollback' as const;
  export const messageDirection = MessageDirection.clientToServer;
  export const type = new ProtocolRequestType<{ readonly id: string }, ChangedPlugin, never, void, void>(
    method,
  );
}

export namespace SetPluginEnabledRequest {
  export const method = 'plugins/setEnabled' as const;
  export const messageDirection = MessageDirection.clientToServer;
  export const type = new ProtocolRequestType<SetEnabledParams, ChangedPlugin, never, void, void>(method);
}

export namespace SetPluginPermissionRequest {
  export const method = 'plugins/setPermission' as const;
  export const messageDirection = MessageDirection.clientToServer;
  export const type = new ProtocolRequestType<SetPermissionParams, ChangedPlugin, never, void, void>(method);
}

export namespace RemovePluginRequest {
  export const method = 'plugins/remove' as const;
  export const messageDirection = MessageDirection.clientToServer;
  export const type = new ProtocolRequestType<RemoveParams, ChangedPlugin, never, void, void>(method);
}

export namespace RestartPluginRequest {
  export const method = 'plugins/restart' as const;
  export const messageDirection = MessageDirection.clientToServer;
  export const type = new ProtocolRequestType<{ readonly id: string }, ChangedPlugin, never, void, void>(
    method,
  );
}
