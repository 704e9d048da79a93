import { MessageDirection, ProtocolRequestType } from 'vscode-languageserver-protocol';
import type { ErrorData } from './errors.js';

// The replay buffer: the last seconds of the broadcast, kept in memory, and saved on command.

/** `off`: nothing is kept. `buffering`: the last seconds are kept. `saving`: the same, and a replay is being written. */
export type ReplayState = 'off' | 'buffering' | 'saving';

/** The replay buffer of this broadcast, or of the last one. */
export interface ReplayStatus {
  /** What it does. */
  readonly state: ReplayState;
  /** How much is kept at most, s. */
  readonly seconds: number;
  /** How much is kept now, ms. */
  readonly heldMs: number;
  /** The same, bytes. */
  readonly heldBytes: number;
  /** Replays that were saved in this broadcast. */
  readonly saved: number;
  /** Path of the one that was saved last. */
  readonly file?: string;
  /** Process id of the recorder that saves; 0 while none runs. */
  readonly pid: number;
  /** How often it was replaced. */
  readonly restarts: number;
  /** Why the last one could not be saved; absent once one is. */
  readonly error?: ErrorData;
}

/** A replay on the disk. */
export interface SavedReplay {
  /** Of its file; of the last one, where the stream has changed its format within it. */
  readonly path: string;
  /** Files that it takes: more than one only where the stream has changed its format. */
  readonly files: number;
  readonly durationMs: number;
  readonly bytes: number;
}

export interface StartReplayParams {
  /** How much is kept, in place of the configuration's, s. */
  readonly seconds?: number | undefined;
}

export interface SaveReplayParams {
  /** How much of the end is saved, s: from the last keyframe before; everything without it. */
  readonly seconds?: number | undefined;
  /** Name of the file, in place of the configuration's template. */
  readonly name?: string | undefined;
}

/** Every method fails with `replay.state` where it does not apply now. */
export interface ReplayManagement {
  /** Null if nothing of this broadcast has been kept. */
  replay(): Promise<ReplayStatus | null>;
  startReplay(params: StartReplayParams): Promise<ReplayStatus>;
  /** What is kept is forgotten. */
  stopReplay(): Promise<ReplayStatus>;
  /** Resolves when the file is complete. Fails with `replay.failed` if it cannot be written, with `config.invalid` for a name. */
  saveReplay(params: SaveReplayParams): Promise<SavedReplay>;
}

type Nothing = Record<string, never>;

export namespace ReplayRequest {
  export const method = 'replay/status' as const;
  export const messageDirection = MessageDirection.clientToServer;
  export const type = new ProtocolRequestType<Nothing, ReplayStatus | null, never, void, void>(method);
}

export namespace StartReplayRequest {
  export const method = 'replay/start' as const;
  export const messageDirection = MessageDirection.clientToServer;
  export const type = new ProtocolRequestType<StartReplayParams, ReplayStatus, never, void, void>(method);
}

export namespace StopReplayRequest {
  export const method = 'replay/stop' as const;
  export const messageDirection = MessageDirection.clientToServer;
  export const type = new ProtocolRequestType<Nothing, ReplayStatus, never, void, void>(method);
}

export namespace SaveReplayRequest {
  export const method = 'replay/save' as const;
  export const messageDirection = MessageDirection.clientToServer;
  export const type = new ProtocolRequestType<SaveReplayParams, SavedReplay, never, void, void>(method);
}
