import {
  MessageDirection,
  ProtocolNotificationType,
  ProtocolRequestType,
} from 'vscode-languageserver-protocol';
import type { ErrorData } from './errors.js';
import type { InspectorOptions } from './inspector.js';

/**
 * The part of the control API that `bulkhead plugin dev` uses: a plugin that runs from its author's folder, in place of any
 * other with its id, until the requesting connection closes.
 */

/** Result of (re)loading a plugin. */
export interface DevelopedPlugin {
  readonly id: string;
  readonly version: string;
  /** `waiting` for one of its `activationEvents`. */
  readonly state: 'active' | 'waiting' | 'failed';
  /** Since the request, ms. */
  readonly elapsedMs: number;
  /** What its manifest holds that is ignored, a line for each. */
  readonly warnings: readonly string[];
  /** Why it has failed. It stays in development: reloading it tries again. */
  readonly error?: ErrorData;
}

export interface DevelopPluginParams {
  /** Absolute path. */
  readonly folder: string;
  /** Opens Node's inspector in the plugin's process, in each one until its development ends. */
  readonly inspector?: InspectorOptions | undefined;
}

/**
 * Fails with `plugin.invalid` and every error in the folder, and with `config.invalid` if plugins cannot be inspected here;
 * then nothing has changed.
 */
export namespace DevelopPluginRequest {
  export const method = 'plugins/develop' as const;
  export const messageDirection = MessageDirection.clientToServer;
  export const type = new ProtocolRequestType<DevelopPluginParams, DevelopedPlugin, never, void, void>(
    method,
  );
}

/**
 * Reads the plugin's folder again and activates the plugin in a new process. Fails with `plugin.invalid` and every error in
 * the folder; then the running plugin is not changed.
 */
export namespace ReloadPluginRequest {
  export const method = 'plugins/reload' as const;
  export const messageDirection = MessageDirection.clientToServer;
  export const type = new ProtocolRequestType<{ readonly id: string }, DevelopedPlugin, never, void, void>(
    method,
  );
}

/** What the plugin logs, prints and shows, and its errors. */
export interface DevelopmentLogEntry {
  readonly plugin: string;
  readonly level: 'trace' | 'debug' | 'info' | 'warn' | 'error';
  readonly message: string;
  readonly stack?: string;
}

/** Core → the client that develops the plugin. */
export namespace DevelopmentLogNotification {
  export const method = 'plugins/development/log' as const;
  export const messageDirection = MessageDirection.serverToClient;
  export const type = new ProtocolNotificationType<DevelopmentLogEntry, void>(method);
}
