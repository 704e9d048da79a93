import {
  MessageDirection,
  ProtocolNotificationType,
  ProtocolRequestType,
} from 'vscode-languageserver-protocol';

// LSP's own messages, with the same meaning.
export { ExitNotification, InitializedNotification, ShutdownRequest } from 'vscode-languageserver-protocol';

/** Incremented whenever a message between the core and its parts changes incompatibly. */
export const PROTOCOL_VERSION = 1;

/** The parts of the application that the core supervises. */
export type PartRole =
  | 'encoder'
  | 'extension-host'
  | 'hotkeys'
  | 'live-server'
  | 'network-gate'
  | 'recorder'
  | 'relay';

/** `unresponsive`: it misses heartbeats. `quarantined`: it crashed again and again and stays off. `failed`: restarting cannot help. */
export type PartState =
  | 'stopped'
  | 'starting'
  | 'running'
  | 'unresponsive'
  | 'restarting'
  | 'quarantined'
  | 'failed';

export interface InitializeParams {
  readonly protocolVersion: number;
  readonly role: PartRole;
  /** The core's process id, for logs. */
  readonly parentPid: number;
  readonly logLevel: string;
}

export interface InitializeResult {
  readonly protocolVersion: number;
  /** The process that runs the part: the core's own pid when it runs inside the core. */
  readonly pid: number;
  /** The version of `extension-api` that the part implements; only from an extension host. */
  readonly apiVersion?: string;
  readonly capabilities: Readonly<Record<string, boolean>>;
}

/**
 * First request on every control channel. Keeps LSP's name with our own parameters. A part that does not support
 * `protocolVersion` answers with a `process.versionMismatch` error and exits with `ExitCodes.versionMismatch`.
 */
export namespace InitializeRequest {
  export const method = 'initialize' as const;
  export const messageDirection = MessageDirection.clientToServer;
  export const type = new ProtocolRequestType<InitializeParams, InitializeResult, never, void, void>(method);
}

/** Sent to idle and busy parts alike; the result is the time its event loop took to react, for the log. */
export namespace HeartbeatRequest {
  export const method = '$/heartbeat' as const;
  export const messageDirection = MessageDirection.clientToServer;
  export const type = new ProtocolRequestType<Record<string, never>, null, never, void, void>(method);
}

/** One line for the core's log. LSP's `window/logMessage` is reserved for plugins' own log channels. */
export interface PartLogParams {
  readonly level: 'trace' | 'debug' | 'info' | 'warn' | 'error';
  readonly message: string;
}

export namespace PartLogNotification {
  export const method = '$/log' as const;
  export const messageDirection = MessageDirection.serverToClient;
  export const type = new ProtocolNotificationType<PartLogParams, void>(method);
}
