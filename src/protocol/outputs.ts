import { MessageDirection, ProtocolRequestType } from 'vscode-languageserver-protocol';
import type { PlatformName } from '../config/platforms.js';
import type { OutputConfig } from '../config/schema.js';
import type { OutputStatus } from './status/output-status.js';

// Outputs that are changed while the broadcast is on air.

/** The show of a broadcast without a configuration file. */
export const DEFAULT_SHOW = 'default';

/** The settings of outputs that are secret. */
export const OUTPUT_SECRETS = ['key', 'backupKey', 'password', 'passphrase'] as const;

/** Values in the place of what these settings refer to. They are in no answer and no status. */
export type OutputSecrets = { readonly [Name in (typeof OUTPUT_SECRETS)[number]]?: string | undefined };

export interface AddOutputParams {
  readonly output: OutputConfig;
  readonly secrets?: OutputSecrets | undefined;
}

/** Null removes a setting; what is absent stays. */
export interface OutputSettingsChange {
  /** Of another kind of output: then those settings count that it has. */
  readonly type?: OutputConfig['type'] | undefined;
  /** Of RTMP. Without `url`, its address takes the place of the former, if it has one. */
  readonly platform?: PlatformName | null | undefined;
  readonly url?: string | undefined;
  /** Of HLS. */
  readonly folder?: string | undefined;
  /** Of SRT. */
  readonly mode?: 'caller' | 'listener' | undefined;
  readonly key?: string | null | undefined;
  readonly backup?: OutputConfig['backup'] | null;
  readonly backupUrl?: string | null | undefined;
  readonly backupKey?: string | null | undefined;
  readonly username?: string | null | undefined;
  readonly password?: string | null | undefined;
  readonly passphrase?: string | null | undefined;
  readonly tlsCaFile?: string | null | undefined;
  readonly multitrack?: boolean | null | undefined;
  readonly codecs?: OutputConfig['codecs'] | null;
  readonly bindAddress?: string | null | undefined;
  readonly catchUpSeconds?: number | null | undefined;
  readonly delaySeconds?: number | null | undefined;
  /** In the place of all of it. */
  readonly video?: OutputConfig['video'] | null;
  readonly overlays?: boolean | null | undefined;
  readonly canvas?: string | null | undefined;
}

export interface SetOutputParams {
  readonly id: string;
  readonly change: OutputSettingsChange;
  readonly secrets?: OutputSecrets | undefined;
}

export interface OutputParams {
  readonly id: string;
}

/** How an output differs from the configuration. */
export interface OutputChange {
  readonly id: string;
  readonly kind: 'added' | 'changed' | 'removed' | 'stopped';
}

export interface OutputList {
  /** Real path of the configuration file of the broadcast; `default` without one. */
  readonly show: string;
  readonly outputs: readonly OutputStatus[];
  /** What was changed on air, in this broadcast or before, and applies now. */
  readonly changes: readonly OutputChange[];
  /** Those of them that the start of this broadcast has restored. */
  readonly restored: readonly OutputChange[];
}

/** The outputs of the broadcast. Every method but `list` fails with `broadcast.state` while there is none. */
export interface OutputManagement {
  list(): Promise<OutputList>;
  /** Fails with `config.invalid` for an id that exists, and with `config.secretNotFound`; then nothing has changed. */
  add(params: AddOutputParams): Promise<OutputStatus>;
  /** Fails with `output.notFound`, and as `add` does. Only this output reconnects. */
  set(params: SetOutputParams): Promise<OutputStatus>;
  /** Resolves when the output has ended its stream at the server. Fails with `output.notFound`. */
  remove(params: OutputParams): Promise<OutputStatus>;
  /** As `remove`; the output stays in the list. */
  stop(params: OutputParams): Promise<OutputStatus>;
  /** Starts an output that is stopped or has failed; harmless for others. Fails with `output.notFound`, `config.secretNotFound`. */
  start(params: OutputParams): Promise<OutputStatus>;
  /** Goes back to the outputs of the configuration. */
  reset(): Promise<OutputList>;
}

export namespace ListOutputsRequest {
  export const method = 'output/list' as const;
  export const messageDirection = MessageDirection.clientToServer;
  export const type = new ProtocolRequestType<Record<string, never>, OutputList, never, void, void>(method);
}

export namespace AddOutputRequest {
  export const method = 'output/add' as const;
  export const messageDirection = MessageDirection.clientToServer;
  export const type = new ProtocolRequestType<AddOutputParams, OutputStatus, never, void, void>(method);
}

export namespace SetOutputRequest {
  export const method = 'output/set' as const;
  export const messageDirection = MessageDirection.clientToServer;
  export const type = new ProtocolRequestType<SetOutputParams, OutputStatus, never, void, void>(method);
}

export namespace RemoveOutputRequest {
  export const method = 'output/remove' as const;
  export const messageDirection = MessageDirection.clientToServer;
  export const type = new ProtocolRequestType<OutputParams, OutputStatus, never, void, void>(method);
}

export namespace StopOutputRequest {
  export const method = 'output/stop' as const;
  export const messageDirection = MessageDirection.clientToServer;
  export const type = new ProtocolRequestType<OutputParams, OutputStatus, never, void, void>(method);
}

export namespace StartOutputRequest {
  export const method = 'output/start' as const;
  export const messageDirection = MessageDirection.clientToServer;
  export const type = new ProtocolRequestType<OutputParams, OutputStatus, never, void, void>(method);
}

export namespace ResetOutputsRequest {
  export const method = 'output/reset' as const;
  export const messageDirection = MessageDirection.clientToServer;
  export const type = new ProtocolRequestType<Record<string, never>, OutputList, never, void, void>(method);
}

/** One sentence for the streamer on what a start has restored. */
export function restoredSentence(changes: readonly OutputChange[]): string {
  const what = changes.map(({ id, kind }) => `output "${id}" ${kind}`).join(', ');
  const count = changes.length === 1 ? '1 change' : `${changes.length} changes`;
  const were = changes.length === 1 ? 'was' : 'were';
  return `${count} made on air ${were} restored: ${what}. "bulkhead output reset" goes back to the configuration.`;
}
