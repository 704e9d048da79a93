import {
  MessageDirection,
  ProtocolNotificationType,
  ProtocolRequestType,
} from 'vscode-languageserver-protocol';
import type { FromPlugin, PackageJson } from './extension-host.js';

// Between `MainThreadExtensions` and `ExtHostExtensions`: what plugins export for each other.

/** What a plugin may export. */
export const EXPORT_LIMITS = {
  functions: 200,
  /** Nesting of objects and lists. */
  depth: 10,
  nameLength: 100,
  /** All plain values as JSON, characters. */
  characters: 64 * 1024,
} as const;

/** What `activate` of a plugin has returned: it goes to other processes, where functions become calls. */
export interface PluginExports {
  /** All of it but the functions, which are left out of objects, and are null in lists. */
  readonly value?: unknown;
  /** Where the functions are: the names that lead to each, none if it is one itself. */
  readonly functions: readonly (readonly string[])[];
}

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

/** How a function is called in messages: `exports.api.say`. */
export function exportName(path: readonly string[]): string {
  return ['exports', ...path].join('.');
}
