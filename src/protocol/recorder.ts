import {
  MessageDirection,
  ProtocolNotificationType,
  ProtocolRequestType,
} from 'vscode-languageserver-protocol';
import type { RecordingFormat } from '../config/recording-schema.js';
import type { MediaAddress } from './encoder.js';
import type { ErrorData } from './errors.js';

// Between the core and the process that writes recordings. Tags and commands go to it in one order, on a connection to the core's
// media socket (`media/tag-stream.ts`): so what was not written can be sent again to another process, and means the same there.

/** What a file is begun with. */
export interface FileToRecord {
  /** Unique. By it a file is known that a recorder began and could not report. */
  readonly id: string;
  /** Absolute; it is made if it does not exist. */
  readonly folder: string;
  /** Without the extension. Where it is taken, a number is added. */
  readonly name: string;
  readonly format: RecordingFormat;
  /** Names of audio tracks, by their numbers; the main track is 0. */
  readonly trackNames?: Readonly<Record<number, string>> | undefined;
  /** The file is ended when less is free on its disk, bytes. */
  readonly keepFreeBytes: number;
  /** Complete as soon as it can be read: the disk has it a while later. Otherwise, all that is reported is on the disk. */
  readonly isQuick?: boolean;
}

/** In the order of the tags. */
export type RecorderCommand =
  /** The tags that follow go into a new file; the file before is ended. */
  | { readonly kind: 'open'; readonly file: FileToRecord }
  /** On the timeline of the tags, ms. */
  | { readonly kind: 'chapter'; readonly timestampMs: number; readonly title: string }
  /** Ends the file. */
  | { readonly kind: 'close' }
  /** What has been sent so far, the core's number of which this is, has to be on the disk. */
  | { readonly kind: 'sync'; readonly through: number };

/** A file that is being written, or was. */
export interface RecordedFileReport {
  readonly id: string;
  /** 1, and one more each time that a change of the stream's format has begun another file. */
  readonly part: number;
  readonly path: string;
  /** On the disk. */
  readonly bytes: number;
  readonly recordedMs: number;
  /** Whether more can be written to it. */
  readonly isOpen: boolean;
}

export interface RecorderStartParams {
  readonly media: MediaAddress;
  /** The file that another recorder has left, to go on with. */
  readonly resume?: {
    readonly file: FileToRecord;
    readonly part: number;
    readonly path: string;
  };
}

/** Core → recorder: takes tags from a media socket. Rejects with `recording.failed` if the file cannot be gone on with. */
export namespace RecorderStartRequest {
  export const method = 'recorder/start' as const;
  export const messageDirection = MessageDirection.clientToServer;
  export const type = new ProtocolRequestType<RecorderStartParams, null, never, void, void>(method);
}

export interface RecorderWroteParams {
  /** Everything up to this number of the core's is on the disk. */
  readonly through: number;
  /** The files that have changed since the last report, the latest one last. */
  readonly files: readonly RecordedFileReport[];
  /** Free on the disk, if it is known. */
  readonly freeBytes?: number;
}

/** Recorder → core: has written, and the disk has confirmed it. */
export namespace RecorderWroteNotification {
  export const method = 'recorder/didWrite' as const;
  export const messageDirection = MessageDirection.serverToClient;
  export const type = new ProtocolNotificationType<RecorderWroteParams, void>(method);
}

export interface RecorderFailedParams {
  readonly error: ErrorData;
  readonly files: readonly RecordedFileReport[];
}

/** Recorder → core: nothing more can be written. What could be ended has been. */
export namespace RecorderFailedNotification {
  export const method = 'recorder/didFail' as const;
  export const messageDirection = MessageDirection.serverToClient;
  export const type = new ProtocolNotificationType<RecorderFailedParams, void>(method);
}

/** A file that was left unfinished: after a power cut, for example. */
export interface RepairedFile {
  readonly path: string;
  readonly recordedMs: number;
  /** What was cut off at its end, since it was not whole. */
  readonly cutBytes: number;
  /** `repaired`: it plays, and has its index. `unusable`: it has nothing that can be played. `failed`: see the error. */
  readonly result: 'repaired' | 'complete' | 'unusable' | 'failed';
  readonly error?: ErrorData;
}

/** Recorder → core: has found files that were left unfinished, in a folder that it records to. */
export namespace RecorderRepairedNotification {
  export const method = 'recorder/didRepair' as const;
  export const messageDirection = MessageDirection.serverToClient;
  export const type = new ProtocolNotificationType<{ readonly files: readonly RepairedFile[] }, void>(method);
}
