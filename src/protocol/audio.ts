import {
  MessageDirection,
  ProtocolNotificationType,
  ProtocolRequestType,
} from 'vscode-languageserver-protocol';
import type { SourceSound } from '../config/mixer-schema.js';

// The sound of the broadcast: how that of its scenes' sources is mixed, and how loud it is.

/** How loud a sound is; null for silence. */
export interface SoundLevels {
  /** Highest sample since the levels before, dBFS. */
  readonly peakDbfs: number | null;
  /** dBFS */
  readonly rmsDbfs: number | null;
  /** Loudness of the last 3 s, LUFS (EBU R128). */
  readonly shortTermLufs: number | null;
}

/** Of the mix, and of each source that is open, by its id, before it is muted and faded. */
export interface MixLevels {
  readonly mix: SoundLevels;
  readonly sources: Readonly<Record<string, SoundLevels>>;
}

/** How the sound of one source is mixed. */
export interface MixedSource extends SourceSound {
  readonly id: string;
}

export interface AudioList {
  readonly sources: readonly MixedSource[];
}

export interface SetAudioParams {
  /** Id of the source. */
  readonly id: string;
  /** Settings of its sound; null goes back to what a setting is by itself, what is absent stays. */
  readonly change: Readonly<Record<string, unknown>>;
}

export interface FollowAudioParams {
  /** How often levels are sent, ms: 50 to 10,000; null for no more. */
  readonly intervalMs: number | null;
}

/**
 * The sound of the scenes' sources. Every method fails with `broadcast.state` while there is none; with `source.notFound` or `config.invalid`
 * nothing has changed. Changes are kept and undone as those of scenes are.
 */
export interface AudioManagement {
  list(): Promise<AudioList>;
  set(params: SetAudioParams): Promise<AudioList>;
}

export namespace ListAudioRequest {
  export const method = 'audio/list' as const;
  export const messageDirection = MessageDirection.clientToServer;
  export const type = new ProtocolRequestType<Record<string, never>, AudioList, never, void, void>(method);
}

export namespace SetAudioRequest {
  export const method = 'audio/set' as const;
  export const messageDirection = MessageDirection.clientToServer;
  export const type = new ProtocolRequestType<SetAudioParams, AudioList, never, void, void>(method);
}

/** The client gets levels from now on, as {@link AudioLevelsNotification}. */
export namespace FollowAudioRequest {
  export const method = 'audio/follow' as const;
  export const messageDirection = MessageDirection.clientToServer;
  export const type = new ProtocolRequestType<FollowAudioParams, null, never, void, void>(method);
}

export namespace AudioLevelsNotification {
  export const method = 'audio/levels' as const;
  export const messageDirection = MessageDirection.serverToClient;
  export const type = new ProtocolNotificationType<MixLevels, void>(method);
}
