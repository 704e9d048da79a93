import { MessageDirection, ProtocolRequestType } from 'vscode-languageserver-protocol';
import type { IsolationTier, PartState } from './control.js';
import type { ErrorData } from './errors.js';

/**
 * The part of the control API that manages plugins while the core runs, one at a time. Packages are fetched, unpacked and
 * checked by whoever asks, in the library's staging folder: the core itself only takes what is ready there.
 */

/**
 * What a plugin does: a state of its host's process; `waiting` for what activates it; `disabled` by the streamer; `replaced`
 * by one of the same id from another source; `refused` since something is wrong with it; `off` while no core runs.
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
  /** What its manifest asks for, and what of it the streamer has granted. */
  readonly asked: readonly string[];
  readonly granted: readonly string[];
  /** Most that it may keep in its folder, MB. */
  readonly storageMb: number;
  /** For people. */
  readonly displayName?: string;
  /** What it was installed from: a folder, an archive or a name for npm; and when, ISO 8601. */
  readonly spec?: string;
  readonly installedAt?: string;
  /** Of its host, while it has one. */
  readonly pid?: number;
  readonly restarts?: number;
  readonly tier?: IsolationTier;
  readonly error?: ErrorData;
}

export interface PluginList {
  readonly plugins: readonly PluginInfo[];
  /** What keeps plugins from the rest of this machine and what does not, in one sentence. */
  readonly isolation: string;
  /** Folder of the installed plugins. */
  readonly library: string;
  /** What is stored of plugins that have been removed. */
  readonly kept: readonly KeptData[];
}

/** That something of a plugin is stored here, and where that plugin came from. */
export interface KeptData {
  readonly id: string;
  /** As in {@link InstallParams}. */
  readonly spec: string;
}

/** What becomes of what a plugin has stored, secrets included, when one with its id is installed from another source. */
export type StoredData = 'keep' | 'fresh';

export interface InstallParams {
  /** A folder in the library's staging, unpacked and checked. */
  readonly staged: string;
  /** What the user has named. */
  readonly spec: string;
  readonly granted: readonly string[];
  /** What the streamer lets it keep in its folder, MB. */
  readonly storageMb: number;
  /** What the streamer has said of what is stored; needed where the source is another one. `fresh` deletes it. */
  readonly data?: StoredData;
}

/** What has become of the plugin. */
export interface ChangedPlugin {
  readonly plugin: PluginInfo;
  /** The version that was there before, where there was one. */
  readonly before?: string;
}

export interface SetEnabledParams {
  readonly id: string;
  readonly enabled: boolean;
  /** Also when others need it. */
  readonly force: boolean;
}

export interface SetPermissionParams {
  readonly id: string;
  readonly permission: string;
  readonly granted: boolean;
}

export interface RemoveParams {
  readonly id: string;
  /** Deletes what it has stored, too. */
  readonly purge: boolean;
  /** Also when others need it. */
  readonly force: boolean;
}

/** Everything that can be done to plugins, by a core or, when none runs, on the library alone. */
export interface PluginManagement {
  list(): Promise<PluginList>;
  /**
   * Installs a plugin, or another version of it. On air its host is replaced; a version that is not active in time gives way
   * to the one before, which runs again.
   *
   * @throws `plugin.invalid`, `plugin.failed`, `plugin.otherSource`; then the version before is still the installed one, unless
   * what it had stored has been deleted as asked for.
   */
  install(params: InstallParams): Promise<ChangedPlugin>;
  /** @throws `plugin.needed` that names who needs it, or what it needs. */
  setEnabled(params: SetEnabledParams): Promise<ChangedPlugin>;
  /** Takes effect at once. @throws `permission.denied` for one that its manifest does not ask for. */
  setPermission(params: SetPermissionParams): Promise<ChangedPlugin>;
  /** @throws `plugin.needed` that names who needs it. */
  remove(params: RemoveParams): Promise<ChangedPlugin>;
  /** Restarts its host, also one in quarantine. Resolves when the plugin is active again. */
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
