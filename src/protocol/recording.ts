import { MessageDirection, ProtocolRequestType } from 'vscode-languageserver-protocol';
import type { RecordedFeed, RecordingFormat } from '../config/recording-schema.js';
import type { ErrorData } from './errors.js';

// Recording the broadcast, while it is on air.

/**
 * `starting`: no frame is on the disk yet. `paused`: nothing is added until it is resumed. `stopping`: the file is being ended.
 * `stopped`: the file is complete. `failed`: it was ended, or left, for the reason in `error`.
 */
export type RecordingState = 'starting' | 'recording' | 'paused' | 'stopping' | 'stopped' | 'failed';

/** The recording of this broadcast, or the last one. Whatever it says to be written is on the disk. */
export interface RecordingStatus {
  /** What it does. */
  readonly state: RecordingState;
  /** Path of the file that is written, or was last; absent before the first. */
  readonly file?: string;
  /** Container of its files. */
  readonly format: 'mkv' | 'fragmented-mp4' | 'hybrid-mp4';
  /** Names of its audio tracks, the programme's sound first; absent where the mixer has no buses. */
  readonly audioTracks?: readonly string[];
  /** Number of its files so far. */
  readonly files: number;
  /** Duration of what is on the disk, ms. */
  readonly recordedMs: number;
  /** Size of what is on the disk, bytes. */
  readonly writtenBytes: number;
  /** Media that is held until it is on the disk, ms. */
  readonly unwrittenMs: number;
  /** Media that was left out since the disk did not keep up for too long, ms. */
  readonly lostMs: number;
  /** Free on the disk, bytes; absent before it is known. */
  readonly freeBytes?: number;
  /** Process id of the recorder; 0 while none runs. */
  readonly pid: number;
  /** How often it was replaced. No frame is lost then. */
  readonly restarts: number;
  /** Why it is not recording, or what is wrong with the disk. */
  readonly error?: ErrorData;
  /** What is recorded besides the programme; absent where that is nothing. */
  readonly also?: readonly FeedRecordingStatus[];
}

/** The recording of something besides the programme, into files of its own with the same times. */
export interface FeedRecordingStatus extends Omit<RecordingStatus, 'also'> {
  /** `clean` is the programme without overlays; absent for a source or a canvas. */
  readonly feed?: 'clean' | undefined;
  /** Id of the source. */
  readonly source?: string | undefined;
  /** Id of the canvas. */
  readonly canvas?: string | undefined;
}

export interface StartRecordingParams {
  /** In place of the configuration's. */
  readonly format?: RecordingFormat | undefined;
  /** Name of the file, in place of the configuration's template. */
  readonly name?: string | undefined;
  /** What is recorded besides the programme, in place of the configuration's. */
  readonly also?: RecordedFeed[] | undefined;
  /** Ids of the mixer's buses that are recorded besides the programme's sound, in place of the configuration's. */
  readonly audioTracks?: readonly string[] | undefined;
}

export interface ChapterParams {
  readonly title: string;
}

/** Every method fails with `recording.state` where it does not apply now. */
export interface RecordingManagement {
  /** Undefined if nothing has been recorded of this broadcast. */
  recording(): Promise<RecordingStatus | null>;
  /** Resolves when the recorder has the command; the status says when frames are on the disk. Fails with `config.invalid` for a name, or something else that cannot be recorded. */
  startRecording(params: StartRecordingParams): Promise<RecordingStatus>;
  /** Resolves when the file is complete. */
  stopRecording(): Promise<RecordingStatus>;
  pauseRecording(): Promise<RecordingStatus>;
  /** Goes on with the next keyframe, without a gap in the file. */
  resumeRecording(): Promise<RecordingStatus>;
  /** Goes on in a new file from the next keyframe. */
  splitRecording(): Promise<RecordingStatus>;
  /** Sets a chapter at this moment. */
  addChapter(params: ChapterParams): Promise<RecordingStatus>;
}

type Nothing = Record<string, never>;

export namespace RecordingRequest {
  export const method = 'recording/status' as const;
  export const messageDirection = MessageDirection.clientToServer;
  export const type = new ProtocolRequestType<Nothing, RecordingStatus | null, never, void, void>(method);
}

export namespace StartRecordingRequest {
  export const method = 'recording/start' as const;
  export const messageDirection = MessageDirection.clientToServer;
  export const type = new ProtocolRequestType<StartRecordingParams, RecordingStatus, never, void, void>(
    method,
  );
}

export namespace StopRecordingRequest {
  export const method = 'recording/stop' as const;
  export const messageDirection = MessageDirection.clientToServer;
  export const type = new ProtocolRequestType<Nothing, RecordingStatus, never, void, void>(method);
}

export namespace PauseRecordingRequest {
  export const method = 'recording/pause' as const;
  export const messageDirection = MessageDirection.clientToServer;
  export const type = new ProtocolRequestType<Nothing, RecordingStatus, never, void, void>(method);
}

export namespace ResumeRecordingRequest {
  export const method = 'recording/resume' as const;
  export const messageDirection = MessageDirection.clientToServer;
  export const type = new ProtocolRequestType<Nothing, RecordingStatus, never, void, void>(method);
}

export namespace SplitRecordingRequest {
  export const method = 'recording/split' as const;
  export const messageDirection = MessageDirection.clientToServer;
  export const type = new ProtocolRequestType<Nothing, RecordingStatus, never, void, void>(method);
}

export namespace AddChapterRequest {
  export const method = 'recording/chapter' as const;
  export const messageDirection = MessageDirection.clientToServer;
  export const type = new ProtocolRequestType<ChapterParams, RecordingStatus, never, void, void>(method);
}
