import {
  MessageDirection,
  ProtocolNotificationType,
  ProtocolRequestType,
} from 'vscode-languageserver-protocol';
import type { EncodeSettings, RenditionSettings, StageConfig } from '../config/encode-settings.js';
import type { SourceConfig, TransitionConfig } from '../config/schema.js';
import type { MixLevels } from './audio.js';
import type { ErrorData } from './errors.js';
import type { LayerGlide } from './scenes.js';

/**
 * The encoder's part of the protocol (patent: the main control process controls the encoding process through the encoding
 * stub). One encoder part encodes once: an epoch. The encoded FLV is not sent on this channel but on a connection to the
 * core's media socket.
 */

/**
 * Where to send a run's media. The sender connects to `path` and sends `token` and a newline; the core answers with {@link
 * MEDIA_ACCEPTED} and a newline, and then reads FLV. One connection is accepted per token; its end is the end of the run.
 */
export interface MediaAddress {
  /** A Unix socket, or a named pipe on Windows. */
  readonly path: string;
  /** 64 hexadecimal digits. */
  readonly token: string;
}

export const MEDIA_ACCEPTED = 'accepted';

/**
 * Highest number of a rendition, which is the stream id of its tags in a run's FLV; 0 is the programme's. A rendition has metadata, a
 * header and frames there; its sound is the programme's. Timestamps are those of the programme's slots.
 */
export const MAX_RENDITION = 255;

/** How far a source has been played. */
export interface SourcePosition {
  /** Number of its item, for a playlist; otherwise 0. */
  readonly item: number;
  /** Within the item, ms. */
  readonly positionMs: number;
  /** Which round it is of a playlist that is shuffled: its order follows from that. */
  readonly round?: number;
}

/**
 * `cold`: not opened. `starting`: nothing has come yet. `live`: it delivers, or would at once, as a fallback that is open and not on air.
 * `stalled`: it runs and delivers nothing. `retrying`: it was lost or could not be opened, and is expected back. `ended`: it has been
 * played to its end. `failed`: it cannot be opened or read for a reason that will hardly change by itself, such as a missing file; it is
 * tried again all the same.
 */
export type SourceState = 'cold' | 'starting' | 'live' | 'stalled' | 'retrying' | 'ended' | 'failed';

export const SOURCE_STATES: readonly SourceState[] = [
  'cold',
  'starting',
  'live',
  'stalled',
  'retrying',
  'ended',
  'failed',
];

/** "test-pattern", "file" and so on. */
export type SourceType = SourceConfig['type'];

/** A source, as it is. */
export interface SourceStatus {
  /** As in the configuration; `input` for a source without an id. */
  readonly id: string;
  /** Its type, as in the configuration. */
  readonly type: SourceType;
  /** Whether it delivers. */
  readonly state: SourceState;
  /** Number of the item that is played, from 0, for a playlist, in the order in which they are listed. */
  readonly item: number;
  /** What the order of a playlist that is shuffled follows from; one more each time round. */
  readonly round?: number;
  /** How far the file has been played, ms; 0 for a live source. */
  readonly positionMs: number;
  /** Process id of the ffmpeg that reads its frames; its sound if it has no frames; 0 if there is none. */
  readonly pid: number;
  /** CPU time of a web page's browser with all its processes, of one core, percent; absent for other sources. */
  readonly cpuPercent?: number;
  /** Its highest sample in the last 50 ms, dBFS; null for silence; absent without scenes. The core adds it, as what follows. */
  readonly peakDbfs?: number | null;
  /** Whether it is not heard; absent without scenes. */
  readonly muted?: boolean;
  /** Why it delivers nothing. */
  readonly error?: ErrorData;
}

/** Process ids of the ffmpegs that encode; 0 for one that is being started. */
export interface EncoderProcesses {
  readonly videoPid: number;
  readonly audioPid: number;
  /** Held encoders wait to take over. */
  readonly heldVideoPid: number;
  readonly heldAudioPid: number;
  /** Of the mixer's buses, in their order; absent where there are none. */
  readonly busPids?: readonly number[] | undefined;
}

export interface EncoderStartParams {
  readonly settings: EncodeSettings;
  readonly media: MediaAddress;
  /** Path of ffmpeg from the configuration; if undefined, the resolver searches for one. */
  readonly ffmpegPath?: string;
  /** Where to continue what an encoder before has begun; the start of the input without it. */
  readonly resume?: SourcePosition;
  /** The same of the sources of `stage`, by their ids. */
  readonly positions?: Readonly<Record<string, SourcePosition>>;
  /** What is composed, in place of the settings' input alone, which is its lowest source. Known when it is started, and not before. */
  readonly stage?: StageConfig;
  /** What is encoded another time. */
  readonly renditions?: readonly RenditionSettings[];
}

export interface EncoderStartResult {
  readonly processes: EncoderProcesses;
  readonly ffmpegPath: string;
  readonly ffmpegVersion: string;
}

/**
 * Starts the encoders with these settings and lets them wait, without opening an input, for an `encoder/start` with the same settings at
 * any later time. Fails like that request.
 */
export namespace EncoderPrepareRequest {
  export const method = 'encoder/prepare' as const;
  export const messageDirection = MessageDirection.clientToServer;
  export const type = new ProtocolRequestType<EncoderStartParams, null, never, void, void>(method);
}

/** Starts encoding. Fails with a typed error (`ffmpeg.notFound`, `encoder.unknown`, `input.notFound` …). */
export namespace EncoderStartRequest {
  export const method = 'encoder/start' as const;
  export const messageDirection = MessageDirection.clientToServer;
  export const type = new ProtocolRequestType<EncoderStartParams, EncoderStartResult, never, void, void>(
    method,
  );
}

/** Settings that can be changed on air; frame size and rate are those of the start. */
export type EncoderReconfigureParams = Pick<EncodeSettings, 'video' | 'audio'> &
  Pick<EncoderStartParams, 'ffmpegPath'>;

/**
 * Has the running encoder go on with other settings from a keyframe on, with no frame missing. Resolves when that has
 * happened, after a keyframe interval at most; fails with a typed error if the new settings do not work: then the encoder goes on as
 * before.
 */
export namespace EncoderReconfigureRequest {
  export const method = 'encoder/reconfigure' as const;
  export const messageDirection = MessageDirection.clientToServer;
  export const type = new ProtocolRequestType<EncoderReconfigureParams, null, never, void, void>(method);
}

export interface EncoderRenditionsParams {
  readonly renditions: readonly RenditionSettings[];
}

/** Has the running encoder encode these renditions, and no others. Those that it has go on. What fails of them is reported later. */
export namespace EncoderRenditionsRequest {
  export const method = 'encoder/renditions' as const;
  export const messageDirection = MessageDirection.clientToServer;
  export const type = new ProtocolRequestType<EncoderRenditionsParams, null, never, void, void>(method);
}

export interface EncoderStageParams {
  readonly stage: StageConfig;
  /** How the scene is replaced, if another one is to be on air; as it was to be before without it. */
  readonly transition?: TransitionConfig;
  /** How layers get to other places; at once without it. */
  readonly glide?: LayerGlide;
}

/** Has the running encoder compose other scenes, or show another one. Resolves when that one is on air, after its transition. */
export namespace EncoderStageRequest {
  export const method = 'encoder/stage' as const;
  export const messageDirection = MessageDirection.clientToServer;
  export const type = new ProtocolRequestType<EncoderStageParams, null, never, void, void>(method);
}

/** Opens a source of the stage anew, from its beginning. Its last frame stays until then. */
export namespace EncoderRestartSourceRequest {
  export const method = 'encoder/restartSource' as const;
  export const messageDirection = MessageDirection.clientToServer;
  export const type = new ProtocolRequestType<{ readonly id: string }, null, never, void, void>(method);
}

/** Plays a source of the stage once from its beginning, heard whatever is on air. */
export namespace EncoderPlaySourceRequest {
  export const method = 'encoder/playSource' as const;
  export const messageDirection = MessageDirection.clientToServer;
  export const type = new ProtocolRequestType<{ readonly id: string }, null, never, void, void>(method);
}

export interface EncoderSnapshot {
  /** A JPEG image, no wider than 640 pixels, in base64. */
  readonly image: string;
}

/** What a source of the stage shows. Fails with `broadcast.state` while that is nothing. */
export namespace EncoderSnapshotRequest {
  export const method = 'encoder/snapshot' as const;
  export const messageDirection = MessageDirection.clientToServer;
  export const type = new ProtocolRequestType<{ readonly id: string }, EncoderSnapshot, never, void, void>(
    method,
  );
}

/** Ends the run in order: everything that is owed is delivered, and the media ends. Resolves then. */
export namespace EncoderStopRequest {
  export const method = 'encoder/stop' as const;
  export const messageDirection = MessageDirection.clientToServer;
  export const type = new ProtocolRequestType<Record<string, never>, null, never, void, void>(method);
}

/** About once a second. */
export interface EncoderProgress {
  /** Delivered in this run. */
  readonly frames: number;
  /** Over the last second. */
  readonly fps: number;
  /** Over the last second, kbit/s. */
  readonly bitrateKbps: number;
  /** Frames that were given to the video encoder and have not come back. */
  readonly queuedFrames: number;
  /** Frames that were left out since the encoder was too slow, in this run. */
  readonly skippedSlots: number;
  /** Frames that were shown again since the source had no new one, in this run. */
  readonly repeatedFrames: number;
  readonly processes: EncoderProcesses;
  /** The video encoder's. */
  readonly preset: string;
  /** Absent where there are none. */
  readonly renditions?: readonly RenditionProgress[];
}

/** A rendition, as it is encoded. */
export interface RenditionProgress {
  /** Its number. */
  readonly id: number;
  /** Process id of its encoder at work; 0 while none runs. */
  readonly videoPid: number;
  /** Process id of its encoder that waits to take over. */
  readonly heldVideoPid: number;
  /** Frames that it has encoded in the last second. */
  readonly fps: number;
  /** Bitrate of its video in the last second, kbit/s. */
  readonly bitrateKbps: number;
  /** Frames that were left out since its encoder was too slow, in this run. */
  readonly skippedSlots: number;
  /** Why it is not encoded. */
  readonly error?: ErrorData;
}

export namespace EncoderProgressNotification {
  export const method = 'encoder/progress' as const;
  export const messageDirection = MessageDirection.serverToClient;
  export const type = new ProtocolNotificationType<EncoderProgress, void>(method);
}

/** The encoder encodes less than what is set, since this computer is too slow, or more again. */
export interface EncoderAdapted {
  /** `exhausted`: it encodes as little as it can, and still leaves frames out. */
  readonly what: 'down' | 'up' | 'exhausted';
  /** At work now. */
  readonly preset: string;
  /** 2: every second frame is encoded. */
  readonly stride: 1 | 2;
}

export namespace EncoderAdaptedNotification {
  export const method = 'encoder/adapted' as const;
  export const messageDirection = MessageDirection.serverToClient;
  export const type = new ProtocolNotificationType<EncoderAdapted, void>(method);
}

export interface EncoderSources {
  /** The one on air first. */
  readonly sources: readonly SourceStatus[];
  /** Frames that the run had delivered then: its media arrive on another connection, earlier or later than this. */
  readonly frames: number;
}

/** Once a second, and when the state of a source has changed. */
export namespace EncoderSourcesNotification {
  export const method = 'encoder/sources' as const;
  export const messageDirection = MessageDirection.serverToClient;
  export const type = new ProtocolNotificationType<EncoderSources, void>(method);
}

/** 20 times a second, while scenes are composed. */
export namespace EncoderLevelsNotification {
  export const method = 'encoder/levels' as const;
  export const messageDirection = MessageDirection.serverToClient;
  export const type = new ProtocolNotificationType<MixLevels, void>(method);
}

/** Something that the streamer has to know and that does not end the run, such as a damaged file. */
export namespace EncoderProblemNotification {
  export const method = 'encoder/problem' as const;
  export const messageDirection = MessageDirection.serverToClient;
  export const type = new ProtocolNotificationType<ErrorData, void>(method);
}

/** The run has ended. `error` has the reason, for the streamer, unless a stop was requested or the input had ended. */
export interface EncoderExited {
  readonly exitCode: number | null;
  readonly signal: string | null;
  /** True if the input ended (a file played once) or a stop was requested. */
  readonly finished: boolean;
  readonly error?: ErrorData;
}

export namespace EncoderExitedNotification {
  export const method = 'encoder/exited' as const;
  export const messageDirection = MessageDirection.serverToClient;
  export const type = new ProtocolNotificationType<EncoderExited, void>(method);
}
