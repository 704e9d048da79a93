import type { StoredCommand } from '@bulkhead/extension-api';
import {
  MessageDirection,
  ProtocolNotificationType,
  ProtocolRequestType,
} from 'vscode-languageserver-protocol';
import type { FromPlugin } from './extension-host.js';
import type { SettingValue } from './plugin-configuration.js';

// Between `MainThreadUpgrades` and `ExtHostUpgrades`. The scripts are the plugin's code, so they run in its host; the core knows how many have been
// applied, and takes their results only as a whole.

/** Most scripts of one plugin. */
export const MAX_UPGRADE_SCRIPTS = 1000;

export type UpgradedSettings = Readonly<Record<string, SettingValue>>;

/** What the streamer's configuration stores for a plugin. */
export interface UpgradedConfiguration {
  readonly settings: UpgradedSettings;
  /** Of the streamer's keybindings, in their order. */
  readonly commands: readonly StoredCommand[];
}

/** One run of the scripts. */
export interface UpgradeRun extends UpgradedConfiguration {
  /** How many of the scripts have been applied to this. */
  readonly applied: number;
  /** Profiles with stored values, if the state is to be upgraded: it is read with {@link ReadUpgradedStateRequest}. */
  readonly profiles?: readonly string[];
}

/** The runs that are due: of the state and the settings together where the same scripts are due for both. */
export interface UpgradeTask {
  readonly runs: readonly UpgradeRun[];
}

export interface BeginUpgradeParams extends FromPlugin {
  /** How many scripts the plugin's module exports. */
  readonly scripts: number;
}

/**
 * Host → core: the plugin's module has been loaded. The answer has no runs where nothing is due. Where the plugin has fewer scripts than have been
 * applied, the core first goes back to what was stored before the others were. Fails with `plugin.failed` if the last attempt ended the host.
 */
export namespace BeginUpgradeRequest {
  export const method = 'upgrade/begin' as const;
  export const messageDirection = MessageDirection.serverToClient;
  export const type = new ProtocolRequestType<BeginUpgradeParams, UpgradeTask, never, void, void>(method);
}

export interface UpgradedStateParams extends FromPlugin {
  /** `globalState` without it. */
  readonly profile?: string;
}

/** Host → core: the state as it is before the upgrade that has begun, JSON texts by key. */
export namespace ReadUpgradedStateRequest {
  export const method = 'upgrade/read' as const;
  export const messageDirection = MessageDirection.serverToClient;
  export const type = new ProtocolRequestType<
    UpgradedStateParams,
    Readonly<Record<string, string>>,
    never,
    void,
    void
  >(method);
}

export interface UpgradeScriptParams extends FromPlugin {
  /** Its number, from 1; 0 when none runs any more. */
  readonly script: number;
}

/** Host → core: a script is about to run, which may never return; or none runs any more. */
export namespace UpgradeScriptNotification {
  export const method = 'upgrade/willRun' as const;
  export const messageDirection = MessageDirection.serverToClient;
  export const type = new ProtocolNotificationType<UpgradeScriptParams, void>(method);
}

export interface CommitUpgradeParams extends FromPlugin {
  /** Of each run. */
  readonly results: readonly UpgradedConfiguration[];
}

/**
 * Host → core: the results. The upgraded state has been written before, by `UpdateStateRequest` with `upgraded`. Fails with `config.invalid`
 * and `storage.failed`; then nothing has changed.
 */
export namespace CommitUpgradeRequest {
  export const method = 'upgrade/commit' as const;
  export const messageDirection = MessageDirection.serverToClient;
  export const type = new ProtocolRequestType<CommitUpgradeParams, null, never, void, void>(method);
}

/** Core → host: begin an upgrade, since the settings of another configuration file are used from now on. */
export namespace UpgradeDueNotification {
  export const method = 'upgrade/due' as const;
  export const messageDirection = MessageDirection.clientToServer;
  export const type = new ProtocolNotificationType<FromPlugin, void>(method);
}
