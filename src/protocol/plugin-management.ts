import { MessageDirection, ProtocolRequestType } from 'vscode-languageserver-protocol';
import type { IsolationTier, PartState } from './control.js';
import type { ErrorData } from './errors.js';

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
  readonly granted: readonly string[];
  /** Maximum size of its folder, MB. */
  readonly storageMb: number;
  /** For display. */
  readonly displayName?: string;
  /** What it was installed from: a folder, an archive or an npm package; and when, ISO 8601. */
  readonly spec?: string;
  readonly installedAt?: string;
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
   * @throws `plugin.invalid`, `plugin.failed`, `plugin.otherSource`; then the version before is still installed, unless its
   * stored data has been deleted as requested.
   */
  install(params: InstallParams): Promise<ChangedPlugin>;
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
