import {
  MessageDirection,
  ProtocolNotificationType,
  ProtocolRequestType,
} from 'vscode-languageserver-protocol';

import type { ApiProposal } from './api-proposals.js';
import type { IsolationTier } from './control.js';

/**
 * Loading and unloading plugins (patent: the plugin loading process, under the core's control). What plugins then do is
 * in one file for each namespace of their API: `plugin-commands.ts`, `plugin-broadcast.ts`, `plugin-window.ts`.
 */

/** Version of `@bulkhead/extension-api` that this extension host implements. */
export const API_VERSION = '1.0.0';

/**
 * Environment variable of a host: a path by which the plugin's folder is to be entered instead of its own, since from
 * there Node finds `@bulkhead/extension-api`.
 */
export const PLUGIN_STAGE_VARIABLE = 'BULKHEAD_PLUGIN_STAGE';

/** What a plugin's `package.json` says, checked by the core before any of the plugin's code runs. */
export interface PluginPackage {
  /** `publisher.name`, or the package's name where no publisher is given. */
  readonly id: string;
  readonly version: string;
  readonly displayName: string;
  /** Absolute path of the plugin's folder, links resolved. */
  readonly path: string;
  /** Absolute path of the module that `main` names, links resolved. */
  readonly main: string;
  /** Proposed APIs that its manifest names; whether it may use them is another matter. */
  readonly enabledApiProposals: readonly ApiProposal[];
}

/** What a host is told of a plugin. */
export interface PluginDescription extends PluginPackage {
  /** Absolute path of the folder that the plugin may write, links resolved. */
  readonly storagePath: string;
  readonly tier: IsolationTier;
  /** Whether its author is working on it. */
  readonly development: boolean;
  /** Whether other plugins are in the same process. */
  readonly shared: boolean;
  /** Proposed APIs that it may use. */
  readonly apiProposals: readonly ApiProposal[];
}

/**
 * Part of every message that a host sends for a plugin. It tells apart the plugins of one host, which share a process and
 * so cannot be told apart for certain; the core takes no id but those that it gave this host.
 */
export interface FromPlugin {
  readonly plugin: string;
}

export interface ActivatePluginParams {
  readonly plugin: PluginDescription;
  /** For loading the module and for `activate`, ms. */
  readonly deadlineMs: number;
}

/**
 * Core → host: load and activate a plugin. Resolves once `activate` is done and the core knows the commands that it
 * registered; fails with `plugin.failed`, the plugin's own error as its cause.
 */
export namespace ActivatePluginRequest {
  export const method = 'plugin/activate' as const;
  export const messageDirection = MessageDirection.clientToServer;
  export const type = new ProtocolRequestType<ActivatePluginParams, null, never, void, void>(method);
}

export interface DeactivatePluginParams {
  readonly id: string;
  /** For `deactivate`, ms. */
  readonly deadlineMs: number;
}

export interface DeactivatePluginResult {
  /** What it has registered and not disposed of, in words for its author; the host has disposed of it. */
  readonly left: readonly string[];
}

/** Core → host: call `deactivate` and dispose of the plugin's subscriptions, whether `deactivate` fails or not. */
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

/** Host → core: a plugin failed outside any call that waits for it. */
export interface PluginErrorParams extends FromPlugin {
  /** What failed and how, with the plugin's name. */
  readonly message: string;
  readonly stack?: string;
  /** Whether the host ends because of it, as it does after an uncaught exception. */
  readonly fatal: boolean;
}

export namespace PluginErrorNotification {
  export const method = 'plugin/error' as const;
  export const messageDirection = MessageDirection.serverToClient;
  export const type = new ProtocolNotificationType<PluginErrorParams, void>(method);
}
