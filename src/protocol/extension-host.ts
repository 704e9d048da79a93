import {
  MessageDirection,
  ProtocolNotificationType,
  ProtocolRequestType,
} from 'vscode-languageserver-protocol';

import type { ApiProposal } from './api-proposals.js';
import type { InspectorOptions } from './inspector.js';
import type { PluginExports } from './plugin-exports.js';
import type { IsolationTier } from './status/extension-host-status.js';

/**
 * Loading and unloading plugins (patent: the plugin loading process, under the core's control). Messages of running
 * plugins are declared in one file per API namespace: `plugin-commands.ts`, `plugin-broadcast.ts`, `plugin-window.ts`.
 */

/** Version of `@bulkhead/extension-api` that this extension host implements. */
export const API_VERSION = '1.1.0';

/**
 * Environment variable of a host: a path to use for the plugin's folder instead of its own, from which Node finds
 * `@bulkhead/extension-api`.
 */
export const PLUGIN_STAGE_VARIABLE = 'BULKHEAD_PLUGIN_STAGE';

/** Contents of a plugin's `package.json`, checked by the core before any of the plugin's code runs. */
export interface PluginPackage {
  /** `publisher.name`, or the name alone. */
  readonly id: string;
  readonly version: string;
  readonly displayName: string;
  /** Absolute path of the plugin's folder, links resolved. */
  readonly path: string;
  /** Absolute path of the module that `main` names, links resolved. */
  readonly main: string;
  /** The language of its texts, such as `zh-cn`. */
  readonly language: string;
  /** Absolute path of the folder of its texts in other languages, if it names one; it need not exist. */
  readonly l10n?: string;
  /** Proposed APIs that its manifest names; not necessarily those that it may use. */
  readonly enabledApiProposals: readonly ApiProposal[];
  /** All of it, as it is in the file. */
  readonly packageJson: PackageJson;
}

/** A `package.json`, of which only what Bulkhead reads has been checked. */
export type PackageJson = Readonly<Record<string, unknown>> & {
  readonly name: string;
  readonly version: string;
};

/** Why a plugin runs: for the streamer, for its author on air, or for its tests. */
export type ExtensionMode = 'production' | 'development' | 'test';

/** A plugin's description as sent to its host. */
export interface PluginDescription extends PluginPackage {
  /** Absolute path of the folder that the plugin may write, links resolved. */
  readonly storagePath: string;
  readonly tier: IsolationTier;
  readonly mode: ExtensionMode;
  /** Whether other plugins run in the same process. */
  readonly shared: boolean;
  /** Proposed APIs that it may use. */
  readonly apiProposals: readonly ApiProposal[];
  /** Ids of the plugins whose exports it may use, its own among them. */
  readonly seen: readonly string[];
  /** Permissions that it has when it is activated. */
  readonly granted: readonly string[];
}

/**
 * Part of every message that a host sends for a plugin. The plugins of one host share a process, so the id cannot be
 * trusted to tell them apart; the core accepts only ids of plugins that it assigned to this host.
 */
export interface FromPlugin {
  readonly plugin: string;
}

export interface PrepareHostParams {
  /** Whether its plugins will have less than the whole network. */
  readonly guarded: boolean;
}

/** Core → host that waits for its plugins to be needed: load now what the first activation would have to wait for. */
export namespace PrepareHostNotification {
  export const method = 'host/prepare' as const;
  export const messageDirection = MessageDirection.clientToServer;
  export const type = new ProtocolNotificationType<PrepareHostParams, void>(method);
}

export interface ActivatePluginParams {
  readonly plugin: PluginDescription;
  /** For loading the module and for `activate`, ms. */
  readonly deadlineMs: number;
  /** Opens Node's inspector first. */
  readonly inspector?: InspectorOptions | undefined;
}

export interface ActivatePluginResult {
  /** What `activate` has returned, for other plugins; absent if it is nothing. */
  readonly exports?: PluginExports;
}

/**
 * Core → host: load and activate a plugin. Resolves once `activate` has completed and the core knows the commands that it
 * registered; fails with `plugin.failed`, with the plugin's own error as its cause.
 */
export namespace ActivatePluginRequest {
  export const method = 'plugin/activate' as const;
  export const messageDirection = MessageDirection.clientToServer;
  export const type = new ProtocolRequestType<ActivatePluginParams, ActivatePluginResult, never, void, void>(
    method,
  );
}

export interface DeactivatePluginParams {
  readonly id: string;
  /** For `deactivate`, ms. */
  readonly deadlineMs: number;
}

export interface DeactivatePluginResult {
  /** What it has registered and not disposed of, described for its author; the host has disposed of it. */
  readonly left: readonly string[];
}

/** Core → host: call `deactivate` and dispose of the plugin's subscriptions, whether or not `deactivate` fails. */
export namespace DeactivatePluginRequest {
  export const method = 'plugin/deactivate' as const;
  export const messageDirection = MessageDirection.clientToServer;
  export const type = new ProtocolRequestType<
    DeactivatePluginParams,
    DeactivatePluginResult,
    never,
    void,
    void
  >(method);
}

/** Host → core: a plugin failed outside of any call, or a promise of it was rejected that nobody handles. */
export interface PluginErrorParams extends FromPlugin {
  /** What failed and why, including the plugin's name. */
  readonly message: string;
  readonly stack?: string;
  /** Whether the host exits because of it, as it does after an uncaught exception. */
  readonly fatal: boolean;
  /** For an unhandled rejection: how many there have been so far in this host. */
  readonly rejections?: number;
}

export namespace PluginErrorNotification {
  export const method = 'plugin/error' as const;
  export const messageDirection = MessageDirection.serverToClient;
  export const type = new ProtocolNotificationType<PluginErrorParams, void>(method);
}
