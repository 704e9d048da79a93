import {
  MessageDirection,
  ProtocolNotificationType,
  ProtocolRequestType,
} from 'vscode-languageserver-protocol';
import type { BroadcastConfig } from '../config/schema.js';
import type { ErrorData } from './errors.js';

/**
 * The control API: what the `bulkhead` command, the panel and other tools ask of the core, over the local socket at
 * the preset address or, in `spawn` mode, over the pipe to the core's parent.
 */

/**
 * What the core answers, as a line of its own, to the control token, which is the line that a client of the socket sends
 * before its first message. The pipe to the core's parent needs none.
 */
export const CONTROL_ADMITTED = 'bulkhead: ready';
export const CONTROL_REFUSED = 'bulkhead: wrong token';
export const CONTROL_BUSY = 'bulkhead: too many clients';

export type RunMode = 'spawn' | 'attach' | 'hybrid';
export type BroadcastState = 'idle' | 'starting' | 'live' | 'reconnecting' | 'stopping';
export type PartState =
  | 'stopped'
  | 'starting'
  | 'running'
  | 'unresponsive'
  | 'restarting'
  | 'quarantined'
  | 'failed';
export type OutputState = 'idle' | 'connecting' | 'live' | 'reconnecting' | 'failed' | 'stopped';

export interface OutputStatus {
  readonly id: string;
  /** With the stream key, user name and password replaced by `***`. */
  readonly url: string;
  readonly state: OutputState;
  /** RTMP sessions that this output has opened: 1 after any number of encoder crashes. */
  readonly sessions: number;
  readonly bytesSent: number;
  /** Video frames dropped from this output's own queue because the server took them too slowly. */
  readonly droppedFrames: number;
  /** Media waiting in this output's queue, ms. */
  readonly queueMs: number;
  readonly error?: ErrorData;
}

export interface TimelineStatus {
  readonly videoFrames: number;
  readonly audioFrames: number;
  /** Highest timestamp sent, ms. */
  readonly lastTimestampMs: number;
  /** How often one encoder's stream was joined to another's. */
  readonly splices: number;
  /** Silence on the media plane at the last splice and the longest one, ms of wall clock. */
  readonly lastGapMs: number;
  readonly maxGapMs: number;
  /** p99 of the time a tag spent in the core, read to socket write, ms. */
  readonly transitP99Ms: number;
}

/** A named moment of the broadcast: where to cut, what to look at again. */
export interface BroadcastMarker {
  /** Grows from one to the next. */
  readonly id: number;
  readonly label: string;
  /** Who set it; absent where the streamer did. */
  readonly plugin?: string;
  /** Its place in the stream, ms on the stream's timeline. */
  readonly timestampMs: number;
  /** When it was set, ms since 1970. */
  readonly atMs: number;
}

/** `waiting`: nothing has come from it yet. `lost`: it has delivered before; viewers see its last frame. */
export type InputState = 'waiting' | 'delivering' | 'lost';

/** What the encoder encodes. */
export interface InputStatus {
  /** One printable line, without keys and passwords: `talk.mp4`, `rtmp://host/app/***`. */
  readonly name: string;
  readonly state: InputState;
  /** How long there has been nothing from it, ms; 0 while it delivers. */
  readonly missingMs: number;
  /** Whether it is a file that starts again at its end. */
  readonly loops: boolean;
  /** Why there is nothing from it. */
  readonly error?: ErrorData;
}

/** `waiting`: nobody has published yet. `lost`: the publisher has gone, or is silent. */
export type IngestState = 'waiting' | 'live' | 'lost';

/** Where others publish to Bulkhead, and what comes there. What is not known, or not said by the stream, is absent. */
export interface IngestStatus {
  readonly id: string;
  /** What a publisher is given, without the key. */
  readonly url: string;
  /** Whether its key is one that Bulkhead has made and keeps, and not a configured one. */
  readonly hasMadeKey: boolean;
  readonly state: IngestState;
  /** Such as `h264` and `aac`. */
  readonly videoCodec?: string | undefined;
  readonly audioCodec?: string | undefined;
  /** Pixels. */
  readonly width?: number | undefined;
  readonly height?: number | undefined;
  readonly fps?: number | undefined;
  /** kbit/s over the last seconds. */
  readonly bitrateKbps: number;
  readonly keyframeIntervalMs?: number | undefined;
  /** How far the sound is ahead of the video that arrives with it, ms; negative where it is behind. */
  readonly skewMs?: number | undefined;
  /** Publishers that have been on air so far. */
  readonly sessions: number;
  /** What should be changed at the publisher, a sentence each. */
  readonly advice: readonly string[];
}

export interface EncoderStatus {
  readonly pid: number;
  readonly ffmpegPid: number;
  /** Encoder runs spliced into this broadcast so far. */
  readonly epoch: number;
  readonly restarts: number;
  readonly state: PartState;
  /** Whether it is a process of its own. */
  readonly isolated: boolean;
  readonly fps: number;
  readonly bitrateKbps: number;
  readonly error?: ErrorData;
}

/**
 * What keeps a plugin's host from the rest of the machine: `strict` the operating system (bubblewrap), `standard` Node's
 * permission model, `none` nothing, as inside the core.
 */
export type IsolationTier = 'strict' | 'standard' | 'none';

/** A short text that a plugin shows. */
export interface PluginStatusItem {
  readonly plugin: string;
  readonly id: string;
  /** What the text is about, for the streamer. */
  readonly name: string;
  /** One line without control characters. */
  readonly text: string;
}

/** Something that a plugin asks the streamer, until it is answered, dismissed or given up. */
export interface OpenQuestion {
  readonly id: number;
  readonly plugin: string;
  readonly severity: 'info' | 'warning' | 'error';
  readonly message: string;
  /** The answers to choose from, one line each. */
  readonly actions: readonly string[];
  /** When it was asked, ms since 1970. */
  readonly atMs: number;
}

/** Something that a plugin does and that takes its time. */
export interface PluginProgress {
  readonly id: number;
  readonly plugin: string;
  readonly title: string;
  /** What it is at. */
  readonly message?: string;
  /** How much is done, 0 to 100, where the plugin knows. */
  readonly percentage?: number;
  /** Whether `bulkhead.cancelProgress` can ask it to stop. */
  readonly cancellable: boolean;
  /** When it began, ms since 1970. */
  readonly atMs: number;
}

export interface ExtensionHostStatus {
  readonly pid: number;
  readonly plugins: readonly string[];
  /** Those of them that wait for an event that activates them. */
  readonly waiting?: readonly string[];
  /** What they show, where they show something. */
  readonly statusItems?: readonly PluginStatusItem[];
  readonly restarts: number;
  readonly state: PartState;
  readonly isolated: boolean;
  readonly tier?: IsolationTier;
  /** Path of the CPU profile that was made when it hung the last time. */
  readonly profile?: string;
  readonly error?: ErrorData;
}

export interface Status {
  readonly state: BroadcastState;
  readonly mode: RunMode;
  /** The control socket. */
  readonly address: string;
  /** Since the broadcast started; 0 while idle. */
  readonly uptimeMs: number;
  readonly core: {
    readonly pid: number;
    readonly rssBytes: number;
    readonly version: string;
    /** Path of its log; without one it logs to its standard error. */
    readonly logFile?: string;
  };
  /** Present while on air. */
  readonly input?: InputStatus;
  readonly encoder: EncoderStatus;
  /** Where others may publish, as configured. */
  readonly ingests: readonly IngestStatus[];
  readonly extensionHosts: readonly ExtensionHostStatus[];
  readonly outputs: readonly OutputStatus[];
  readonly timeline: TimelineStatus;
  /** Of this broadcast, or of the last one. */
  readonly markers: readonly BroadcastMarker[];
  /** What plugins ask the streamer, oldest first. */
  readonly questions: readonly OpenQuestion[];
  /** What plugins do that takes its time, oldest first. */
  readonly progress: readonly PluginProgress[];
  /** Present while the embedded live server runs. */
  readonly liveServer?: { readonly pid: number; readonly pageUrl: string; readonly playUrl: string };
  /** Why the broadcast is not on air, when it is not. */
  readonly error?: ErrorData;
}

export namespace StatusRequest {
  export const method = 'core/status' as const;
  export const messageDirection = MessageDirection.clientToServer;
  export const type = new ProtocolRequestType<Record<string, never>, Status, never, void, void>(method);
}

/**
 * Goes on air. Resolves once the broadcast has been set up, before it is live: watch {@link StatusNotification}.
 * Fails with `broadcast.state` when one is already running, and with a settings error when the configuration is wrong.
 */
export namespace StartBroadcastRequest {
  export const method = 'broadcast/start' as const;
  export const messageDirection = MessageDirection.clientToServer;
  export const type = new ProtocolRequestType<
    { readonly config: BroadcastConfig },
    Status,
    never,
    void,
    void
  >(method);
}

/** Ends the broadcast in order: encoder first, then each output says goodbye to its server. */
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

/** Runs a command that a plugin or the core has registered. */
export interface RunCommandParams {
  readonly command: string;
  readonly arguments?: readonly unknown[];
}

export namespace RunCommandRequest {
  export const method = 'core/runCommand' as const;
  export const messageDirection = MessageDirection.clientToServer;
  export const type = new ProtocolRequestType<RunCommandParams, unknown, never, void, void>(method);
}

export interface AnswerQuestionParams {
  readonly id: number;
  /** One of the question's actions; null dismisses it. */
  readonly action: string | null;
}

/** Answers a plugin's question. Fails with `question.notFound`, and with `config.invalid` when it offers no such action. */
export namespace AnswerQuestionRequest {
  export const method = 'core/answerQuestion' as const;
  export const messageDirection = MessageDirection.clientToServer;
  export const type = new ProtocolRequestType<AnswerQuestionParams, null, never, void, void>(method);
}

/** Asks for {@link StatusNotification}s on this connection, at most one in `intervalMs` plus one for each change of state. */
export namespace WatchStatusRequest {
  export const method = 'core/watchStatus' as const;
  export const messageDirection = MessageDirection.clientToServer;
  export const type = new ProtocolRequestType<{ readonly intervalMs: number }, Status, never, void, void>(
    method,
  );
}

export namespace StatusNotification {
  export const method = 'core/status/changed' as const;
  export const messageDirection = MessageDirection.serverToClient;
  export const type = new ProtocolNotificationType<Status, void>(method);
}

/** Something a streamer should read: a part died and came back, a plugin showed a message, an output was refused. */
export interface NoticeParams {
  readonly severity: 'info' | 'warning' | 'error';
  /** Where it comes from: `encoder`, an output's id, a plugin's id. */
  readonly source: string;
  readonly message: string;
  /** Where it is a question that is open. */
  readonly question?: Pick<OpenQuestion, 'id' | 'actions'>;
  readonly atMs: number;
}

export namespace NoticeNotification {
  export const method = 'core/notice' as const;
  export const messageDirection = MessageDirection.serverToClient;
  export const type = new ProtocolNotificationType<NoticeParams, void>(method);
}
