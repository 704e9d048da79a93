import type { SoundLevels } from '../audio.js';
import type { SourceStatus } from '../encoder.js';
import type { ErrorData } from '../errors.js';
import type { OpenQuestion } from '../questions.js';
import type { RecordingStatus } from '../recording.js';
import type { ReplayStatus } from '../replay.js';
import type { CanvasStatus } from './canvas-status.js';
import type { EncoderStatus, InputStatus } from './encoder-status.js';
import type { ExtensionHostStatus, PluginProgress } from './extension-host-status.js';
import type { IngestStatus } from './ingest-status.js';
import type { OutputStatus } from './output-status.js';

/** `attach`: the core runs by itself. `spawn`, `hybrid`: it is a child of `bulkhead live`. */
export type RunMode = 'spawn' | 'attach' | 'hybrid';

/**
 * `starting`: not yet live anywhere. `live`: at one output at least. `reconnecting`: at none any more.
 * `paused`: all outputs have been stopped or removed on air; the encoder and the timeline go on.
 */
export type BroadcastState = 'idle' | 'starting' | 'live' | 'paused' | 'reconnecting' | 'stopping';

/** The one timeline of the broadcast, which all encoders and publishers are joined to. */
export interface TimelineStatus {
  /** Video frames sent so far. */
  readonly videoFrames: number;
  /** AAC frames sent so far. */
  readonly audioFrames: number;
  /** Highest timestamp sent, ms. */
  readonly lastTimestampMs: number;
  /** Number of times the stream was continued with another encoder. */
  readonly splices: number;
  /** Number of times viewers were shown the last keyframe, with silence, since no encoder delivered. */
  readonly slates: number;
  /** How long no media came at the last splice, ms of wall clock. */
  readonly lastGapMs: number;
  /** The longest of these gaps, ms. */
  readonly maxGapMs: number;
  /** Between the last two keyframes, ms; absent before the second. */
  readonly keyframeIntervalMs?: number | undefined;
  /** 99th percentile of the time that media spends in the core, from reading it to writing it to a socket, ms. */
  readonly transitP99Ms: number;
}

/** A named position in the broadcast, e.g. to cut or review later. */
export interface BroadcastMarker {
  /** Increases from one marker to the next. */
  readonly id: number;
  /** Its name. */
  readonly label: string;
  /** The plugin that set it; absent if the streamer did. */
  readonly plugin?: string;
  /** Position on the stream's timeline, ms. */
  readonly timestampMs: number;
  /** When it was set, ms since 1970. */
  readonly atMs: number;
}

/** The whole state of a core. */
export interface Status {
  /**
   * Grows with each change of what is not measured or counted. It begins again with another core: `core.startedAtMs` tells
   * one from the next.
   */
  readonly revision: number;
  /** State of the broadcast. */
  readonly state: BroadcastState;
  /** How the core runs. */
  readonly mode: RunMode;
  /** The control socket. */
  readonly address: string;
  /** Time since the broadcast started, ms; 0 while idle. */
  readonly uptimeMs: number;
  /** The core. */
  readonly core: {
    /** Process id. */
    readonly pid: number;
    /** When it was started, ms since 1970. */
    readonly startedAtMs: number;
    /** Resident memory, bytes. */
    readonly rssBytes: number;
    /** Version of Bulkhead. */
    readonly version: string;
    /** Path of its log; if absent, it logs to standard error. */
    readonly logFile?: string;
  };
  /** What is encoded, while on air. */
  readonly input?: InputStatus;
  /** The encoder. */
  readonly encoder: EncoderStatus;
  /** The sources, the one on air first; empty while nothing is encoded. */
  readonly sources: readonly SourceStatus[];
  /** What is composed and encoded; empty while nothing is. */
  readonly canvases: readonly CanvasStatus[];
  /** How loud the mix of the scenes' sources is; absent without scenes. */
  readonly audio?: SoundLevels;
  /** Where others may publish, as configured. */
  readonly ingests: readonly IngestStatus[];
  /** The processes of plugins. */
  readonly extensionHosts: readonly ExtensionHostStatus[];
  /** The live servers that it goes to; the embedded one is among them as `live-server`. */
  readonly outputs: readonly OutputStatus[];
  /** What has been sent. */
  readonly timeline: TimelineStatus;
  /** Of this broadcast, or of the last one. */
  readonly markers: readonly BroadcastMarker[];
  /** The recording of this broadcast, or of the last one; absent if there was none. */
  readonly recording?: RecordingStatus | undefined;
  /** The replay buffer of this broadcast, or of the last one; absent if there was none. */
  readonly replay?: ReplayStatus | undefined;
  /** Open questions of plugins, oldest first. */
  readonly questions: readonly OpenQuestion[];
  /** Running tasks of plugins, oldest first. */
  readonly progress: readonly PluginProgress[];
  /** The embedded live server, while it runs. */
  readonly liveServer?: {
    /** Process id. */
    readonly pid: number;
    /** The viewer page, with a token where the local network may watch. */
    readonly pageUrl: string;
    /** Where players read the stream. */
    readonly playUrl: string;
  };
  /** Why the broadcast is not on air, if it is not. */
  readonly error?: ErrorData;
}
