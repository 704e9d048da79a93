import {
  MessageDirection,
  ProtocolNotificationType,
  ProtocolRequestType,
} from 'vscode-languageserver-protocol';
import type { FromPlugin, PackageJson } from './extension-host.js';
import type { PluginExports } from './plugin-exports.js';

// Between `MainThreadExtensions` and `ExtHostExtensions`: what plugins export for each other.

/** A plugin as others see it. */
export interface SeenExtension {
  readonly id: string;
  readonly packageJson: PackageJson;
  /** Absolute path of its folder. */
  readonly path: string;
  readonly active: boolean;
  /** Absent while it is not active. */
  readonly exports?: PluginExports | undefined;
}

export interface ExtensionChangedParams {
  readonly id: string;
  /** Null if it does not run any more. */
  readonly extension: SeenExtension | null;
}

/** Core → host: a plugin that one of the host's plugins sees; all of them before any is activated, and each that changes. */
export namespace ExtensionChangedNotification {
  export const method = 'extensions/changed' as const;
  export const messageDirection = MessageDirection.clientToServer;
  export const type = new ProtocolNotificationType<ExtensionChangedParams, void>(method);
}

export interface ActivateExtensionParams extends FromPlugin {
  readonly id: string;
}

/** Host → core: activates another plugin. Resolves after the host has been told what it exports; fails with `plugin.failed`. */
export namespace ActivateExtensionRequest {
  export const method = 'extensions/activate' as const;
  export const messageDirection = MessageDirection.serverToClient;
  export const type = new ProtocolRequestType<ActivateExtensionParams, null, never, void, void>(method);
}

/** Which function is called, and with what. */
export interface ExportCall {
  /** The names that lead to it. */
  readonly path: readonly string[];
  readonly arguments: readonly unknown[];
  /** Whether the function is given a cancellation token after the arguments. */
  readonly cancellable?: boolean | undefined;
}

export interface CallExportParams extends FromPlugin, ExportCall {
  /** The plugin that exports it. */
  readonly id: string;
}

/** Host → core: a plugin calls a function that another one exports. */
export namespace CallExportRequest {
  export const method = 'extensions/call' as const;
  export const messageDirection = MessageDirection.serverToClient;
  export const type = new ProtocolRequestType<CallExportParams, unknown, never, void, void>(method);
}

export interface RunExportParams extends ExportCall {
  /** One of the host's. */
  readonly plugin: string;
}

/** Core → host: runs a function that one of the host's plugins exports. */
export namespace RunExportRequest {
  export const method = 'extensions/run' as const;
  export const messageDirection = MessageDirection.clientToServer;
  export const type = new ProtocolRequestType<RunExportParams, unknown, never, void, void>(method);
}
