import {
  MessageDirection,
  ProtocolNotificationType,
  ProtocolRequestType,
} from 'vscode-languageserver-protocol';
import type { BroadcastConfig } from '../config/schema.js';
import type { OpenQuestion } from './questions.js';
import type { Status } from './status/status.js';

/**
 * The control API: requests of the `bulkhead` command, the panel and other tools to the core, over the local socket at the
 * preset address or, in `spawn` mode, over the pipe to the core's parent.
 */

/**
 * The core's answer, as a line, to the control token, which a client of the socket sends as a line before its first message.
 * The pipe to the core's parent needs no token.
 */
export const CONTROL_ADMITTED = 'bulkhead: ready';
export const CONTROL_REFUSED = 'bulkhead: wrong token';
export const CONTROL_BUSY = 'bulkhead: too many clients';

export namespace StatusRequest {
  export const method = 'core/status' as const;
  export const messageDirection = MessageDirection.clientToServer;
  export const type = new ProtocolRequestType<Record<string, never>, Status, never, void, void>(method);
}

/**
 * Goes on air. Resolves once the broadcast has been set up, before it is live: subscribe to follow it. Fails with
 * `broadcast.state` if one is already running, and with a settings error if the configuration is invalid.
 */
export namespace StartBroadcastRequest {
  export const method = 'broadcast/start' as const;
  export const messageDirection = MessageDirection.clientToServer;
  export const type = new ProtocolRequestType<
    {
      readonly config: BroadcastConfig;
      /** Whose changes on air are restored and kept: real path of the configuration file; `default` without it. */
      readonly show?: string;
    },
    Status,
    never,
    void,
    void
  >(method);
}

/** What became of another configuration: names of its settings, with the entries in lists: `outputs "main"`, `input`. */
export interface Reconfigured {
  /** On air now. */
  readonly applied: readonly string[];
  /** These count from the next start on. */
  readonly needsRestart: readonly string[];
}

/**
 * Has the broadcast on air follow its configuration, which has been edited. What was changed on air stays where the configuration says the same
 * of it as before. Fails with a settings error if the configuration is invalid: then nothing has changed.
 */
export namespace ReconfigureBroadcastRequest {
  export const method = 'broadcast/reconfigure' as const;
  export const messageDirection = MessageDirection.clientToServer;
  export const type = new ProtocolRequestType<
    { readonly config: BroadcastConfig },
    Reconfigured,
    never,
    void,
    void
  >(method);
}

/** Ends the broadcast in order: the encoder first, then each output ends its stream at its server. */
export namespace StopBroadcastRequest {
  export const method = 'broadcast/stop' as const;
  export const messageDirection = MessageDirection.clientToServer;
  export const type = new ProtocolRequestType<Record<string, never>, Status, never, void, void>(method);
}

/** Ends the broadcast and the core itself. */
export namespace ShutdownCoreRequest {
  export const method = 'core/shutdown' as const;
  export const messageDirection = MessageDirection.clientToServer;
  export const type = new ProtocolRequestType<Record<string, never>, null, never, void, void>(method);
}

/** Runs a command registered by a plugin or the core. */
export interface RunCommandParams {
  readonly command: string;
  readonly arguments?: readonly unknown[];
}

export namespace RunCommandRequest {
  export const method = 'core/runCommand' as const;
  export const messageDirection = MessageDirection.clientToServer;
  export const type = new ProtocolRequestType<RunCommandParams, unknown, never, void, void>(method);
}

/** A message for the streamer: a part crashed and was restarted, a plugin showed a message, an output was refused. */
export interface NoticeParams {
  readonly severity: 'info' | 'warning' | 'error';
  /** Its source: `encoder`, an output's id, a plugin's id. */
  readonly source: string;
  readonly message: string;
  /** Set if it is an open question; without actions it asks for something else, which the status says. */
  readonly question?: Pick<OpenQuestion, 'id' | 'actions'>;
  readonly atMs: number;
}

export namespace NoticeNotification {
  export const method = 'core/notice' as const;
  export const messageDirection = MessageDirection.serverToClient;
  export const type = new ProtocolNotificationType<NoticeParams, void>(method);
}
