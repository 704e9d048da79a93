import {
  MessageDirection,
  ProtocolNotificationType,
  ProtocolRequestType,
} from 'vscode-languageserver-protocol';
import type { TransitionConfig } from '../config/scene-schema.js';
import type { BroadcastConfig } from '../config/schema.js';
import type { SoundLevels } from './audio.js';
import type { SourceStatus } from './encoder.js';
import type { EncoderSettings } from './encoder-settings.js';
import type { ErrorData } from './errors.js';
import type { OutputStatistics } from './output-statistics.js';
import type { OpenQuestion } from './questions.js';
import type { RecordingStatus } from './recording.js';
import type { ReplayStatus } from './replay.js';

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

/** `attach`: the core runs by itself. `spawn`, `hybrid`: it is a child of `bulkhead live`. */
export type RunMode = 'spawn' | 'attach' | 'hybrid';
/**
 * `starting`: not yet live anywhere. `live`: at one output at least. `reconnecting`: at none any more.
 * `paused`: all outputs have been stopped or removed on air; the encoder and the timeline go on.
 */
export type BroadcastState = 'idle' | 'starting' | 'live' | 'paused' | 'reconnecting' | 'stopping';
/** `unresponsive`: it misses heartbeats. `quarantined`: it crashed again and again and stays off. `failed`: restarting cannot help. */
export type PartState =
  | 'stopped'
  | 'starting'
  | 'running'
  | 'unresponsive'
  | 'restarting'
  | 'quarantined'
  | 'failed';
/** `connecting`: never live so far. `failed`: its server refused it for good. `stopped`: the broadcast has ended. */
export type OutputState = 'idle' | 'connecting' | 'live' | 'reconnecting' | 'failed' | 'stopped';

/** A live server that the broadcast is sent to. */
export interface OutputStatus extends OutputStatistics {
  /** As in the configuration. */
  readonly id: string;
  /** With the stream key, user name and password replaced by `***`. */
  readonly url: string;
  /** State of its session with the live server. */
  readonly state: OutputState;
  /** RTMP sessions that this output has opened: 1 after any number of encoder crashes. */
  readonly sessions: number;
  /** Bytes of all sessions. */
  readonly bytesSent: number;
  /** Video frames dropped from this output's queue because the server received them too slowly. */
  readonly droppedFrames: number;
  /** Media waiting in this output's queue, ms. */
  readonly queueMs: number;
  /** What has been broadcast and has not aired here yet, ms; absent where the output has no delay. */
  readonly delayMs?: number;
  /** The encode of its own that it takes; absent where it takes the programme's. */
  readonly video?: OutputVideo;
  /** False where it takes a clean feed, without overlays; else absent. */
  readonly overlays?: false;
  /** Why it is not live, or that it loses frames. */
  readonly error?: ErrorData;
}

/** What an output has encoded for itself; what is absent is as of the programme. */
export interface OutputVideo {
  /** Video bitrate that is asked for, kbit/s. */
  readonly bitrateKbps?: number | undefined;
  /** Frame height, pixels. */
  readonly height?: number | undefined;
  /** The encoder's preset. */
  readonly preset?: string | undefined;
  /** False for a clean feed, without overlays. */
  readonly overlays?: false | undefined;
}

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

/** A canvas: the programme in one size and rate. */
export interface CanvasStatus {
  /** `main`; there is one so far. */
  readonly id: string;
  /** Width of its frames, pixels. */
  readonly width: number;
  /** Height of its frames, pixels. */
  readonly height: number;
  /** Frames per second. */
  readonly fps: number;
  /** Id of the scene on air; absent without scenes. */
  readonly programme?: string;
  /** Id of the scene that is made ready, to be on air next. */
  readonly preview?: string;
  /** The scene that is about to replace the one on air, or is being faded in. */
  readonly transition?: TransitionStatus;
  /** Counts the changes of scenes and sources in this broadcast: `scene/list` and `source/list` say how they are now. */
  readonly edits?: number;
}

/** One scene that replaces another. */
export interface TransitionStatus extends TransitionConfig {
  /** Id of the scene that will be on air. */
  readonly to: string;
}

/** `waiting`: it has not delivered yet. `lost`: it has delivered before; viewers see its last frame. */
export type InputState = 'waiting' | 'delivering' | 'lost';

/** The input of the encoder. */
export interface InputStatus {
  /** One printable line, without keys and passwords: `talk.mp4`, `rtmp://host/app/***`. */
  readonly name: string;
  /** Whether it delivers. */
  readonly state: InputState;
  /** How long it has delivered nothing, ms; 0 while it delivers. */
  readonly missingMs: number;
  /** Whether it is a file that is looped. */
  readonly loops: boolean;
  /** Why it delivers nothing. */
  readonly error?: ErrorData;
}

/** `waiting`: no publisher yet. `lost`: the publisher has disconnected, or is silent. */
export type IngestState = 'waiting' | 'live' | 'lost';

/** Where others publish to Bulkhead, and the stream that arrives there. Unknown values are absent. */
export interface IngestStatus {
  /** As in the configuration. */
  readonly id: string;
  /** The URL to enter at a publisher, without the key. */
  readonly url: string;
  /** Whether its key was generated by Bulkhead rather than configured. */
  readonly hasMadeKey: boolean;
  /** Whether a publisher is on air. */
  readonly state: IngestState;
  /** Such as `h264`. */
  readonly videoCodec?: string | undefined;
  /** Such as `aac`. */
  readonly audioCodec?: string | undefined;
  /** Frame width, pixels. */
  readonly width?: number | undefined;
  /** Frame height, pixels. */
  readonly height?: number | undefined;
  /** Frames per second. */
  readonly fps?: number | undefined;
  /** Bitrate over the last seconds, kbit/s. */
  readonly bitrateKbps: number;
  /** From one keyframe to the next, ms. */
  readonly keyframeIntervalMs?: number | undefined;
  /** How far the sound is ahead of the video that arrives with it, ms; negative if it is behind. */
  readonly skewMs?: number | undefined;
  /** Publishers that have been on air so far. */
  readonly sessions: number;
  /** Recommended changes at the publisher, one sentence each. */
  readonly advice: readonly string[];
}

/** The bitrate while it follows the outputs. */
export interface AdaptiveBitrateStatus {
  /** Video bitrate at present, kbit/s. */
  readonly bitrateKbps: number;
  /** The least that it goes down to, kbit/s. */
  readonly leastKbps: number;
  /** That of the settings, kbit/s. */
  readonly mostKbps: number;
  /** Id of the output whose network carries the least, while that is less than the settings say. */
  readonly slowest?: string | undefined;
}

/** An encode that outputs have for themselves. */
export interface RenditionStatus {
  /** Its number. */
  readonly id: number;
  /** What outputs ask for. */
  readonly video: OutputVideo;
  /** Process id of its video encoder at work; 0 while none runs. */
  readonly videoPid: number;
  /** Process id of its video encoder that waits to take over. */
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

/** The process that encodes, and its ffmpegs. */
export interface EncoderStatus {
  /** Process id of the encoder's process. */
  readonly pid: number;
  /** Process id of the video encoder at work; 0 while none runs, as for the other three. */
  readonly videoPid: number;
  /** Process id of the AAC encoder at work. */
  readonly audioPid: number;
  /** Process id of the video encoder that waits to take over. */
  readonly heldVideoPid: number;
  /** Process id of the AAC encoder that waits to take over. */
  readonly heldAudioPid: number;
  /** The video encoder's preset at work. */
  readonly preset?: string | undefined;
  /** Frames that were left out since the encoder was too slow, in this run. */
  readonly skippedSlots: number;
  /** Frames that were shown again since the input had no new one, in this run. */
  readonly repeatedFrames: number;
  /** Encoder runs spliced into this broadcast so far. */
  readonly epoch: number;
  /** How often it was restarted. */
  readonly restarts: number;
  /** State of the process. */
  readonly state: PartState;
  /** Whether it is a process of its own. */
  readonly isolated: boolean;
  /** Frames that it has encoded in the last second; 0 where nothing has been heard of it for longer. */
  readonly fps: number;
  /** Bitrate of what it has encoded in the last second, kbit/s. */
  readonly bitrateKbps: number;
  /** Frames that it has been given and has not delivered yet. */
  readonly queuedFrames: number;
  /** What is encoded another time, for outputs that ask for it; absent where none does. */
  readonly renditions?: readonly RenditionStatus[];
  /** Its settings, where they were changed on air. */
  readonly settings?: EncoderSettings | undefined;
  /** The bitrate, where it follows the outputs. */
  readonly adaptive?: AdaptiveBitrateStatus | undefined;
  /** Why it does not encode. */
  readonly error?: ErrorData;
}

/**
 * What isolates a plugin's host from the rest of the machine: `strict` the operating system (bubblewrap), `standard` Node's
 * permission model, `none` nothing, as inside the core.
 */
export type IsolationTier = 'strict' | 'standard' | 'none';

/** A short text shown by a plugin. */
export interface PluginStatusItem {
  /** The plugin's id. */
  readonly plugin: string;
  /** The plugin's own name for it. */
  readonly id: string;
  /** A label for the streamer. */
  readonly name: string;
  /** One line without control characters. */
  readonly text: string;
}

/** A plugin's long-running task. */
export interface PluginProgress {
  /** Its number, for `bulkhead.cancelProgress`. */
  readonly id: number;
  /** The plugin's id. */
  readonly plugin: string;
  /** What it does. */
  readonly title: string;
  /** The current step. */
  readonly message?: string;
  /** Percentage done, 0 to 100, if the plugin knows it. */
  readonly percentage?: number;
  /** Whether `bulkhead.cancelProgress` can cancel it. */
  readonly cancellable: boolean;
  /** When it began, ms since 1970. */
  readonly atMs: number;
}

/** A plugin that has failed in a process that it shares. */
export interface FailedPlugin {
  /** Its id. */
  readonly plugin: string;
  /** Why it does not run. */
  readonly error: ErrorData;
}

/** A secret that a plugin declares, and nobody has entered. */
export interface MissingSecret {
  /** Id of the plugin. */
  readonly plugin: string;
  /** Its name. */
  readonly key: string;
}

/** A process that holds a plugin, or several that share one. */
export interface ExtensionHostStatus {
  /** Process id. */
  readonly pid: number;
  /** Ids of the plugins in it. */
  readonly plugins: readonly string[];
  /** Those that wait for an event that activates them. */
  readonly waiting?: readonly string[];
  /** Those of several that have failed; the others run. */
  readonly failed?: readonly FailedPlugin[];
  /** Secrets of theirs that are not set, if any: `bulkhead plugin secret set` does it. */
  readonly missingSecrets?: readonly MissingSecret[];
  /** Their status items, if any are shown. */
  readonly statusItems?: readonly PluginStatusItem[];
  /** How often it was restarted. */
  readonly restarts: number;
  /** State of the process. */
  readonly state: PartState;
  /** Whether it is a process of its own. */
  readonly isolated: boolean;
  /** What keeps it from the rest of this machine. */
  readonly tier?: IsolationTier;
  /** Path of the CPU profile of its last hang. */
  readonly profile?: string;
  /** Why its plugins do not run. */
  readonly error?: ErrorData;
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
