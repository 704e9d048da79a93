import type { Event } from './lifecycle.js';

/**
 * State of the broadcast:
 *
 * - `idle`: nothing is sent.
 * - `starting`: the encoder is starting and the servers are being connected; viewers see nothing yet.
 * - `live`: at least one server receives the stream.
 * - `reconnecting`: no server receives the stream at the moment; it recovers by itself, unless the streamer has stopped all
 *   outputs (see {@link OutputState}).
 * - `stopping`: it is being ended in order.
 */
export type BroadcastState = 'idle' | 'starting' | 'live' | 'reconnecting' | 'stopping';

/** State of one destination of the broadcast. */
export type OutputState = 'idle' | 'connecting' | 'live' | 'reconnecting' | 'failed' | 'stopped';

/** One destination of the broadcast, for example Twitch. */
export interface OutputStats {
  /** The name given by the streamer. */
  readonly id: string;
  /** Whether it receives the stream. */
  readonly state: OutputState;
  /** Sessions opened with the server so far. 1 means that the connection was never lost. */
  readonly sessions: number;
  /** Bytes sent since the start. */
  readonly bytesSent: number;
  /** Sent in the last second, kbit/s. */
  readonly bitrateKbps: number;
  /** Video frames dropped because the server received them too slowly. */
  readonly droppedFrames: number;
  /** Media waiting to be sent, ms. An increasing value means that the network is too slow for the bitrate. */
  readonly queueMs: number;
  /** Why it is not live, for the streamer. */
  readonly error?: string;
}

/** The encoder: it turns video and sound into the stream. */
export interface EncoderStats {
  /** Frames encoded in the last second; 0 where nothing has been heard of the encoder for longer. */
  readonly fps: number;
  /** What it has made in the last second, kbit/s. */
  readonly bitrateKbps: number;
  /** How often it crashed and was replaced. Viewers see a short gap each time. */
  readonly restarts: number;
}

/** Statistics of the running broadcast, or of the last one, since its start. */
export interface BroadcastStats {
  /** Frames of video sent. */
  readonly videoFrames: number;
  /** Frames of sound sent. */
  readonly audioFrames: number;
  /**
   * How often the stream continued with another encoder. `encoder.restarts` is incremented when one has crashed, this
   * when the next one's first frame has been sent: from then on `lastGapMs` is the interruption that viewers saw.
   */
  readonly splices: number;
  /** The last interruption of the stream, ms; 0 if there was none. */
  readonly lastGapMs: number;
  /** The longest interruption of the stream, ms; 0 if there was none. */
  readonly maxGapMs: number;
  /** How the encoder does. */
  readonly encoder: EncoderStats;
  /** Each destination, in the streamer's order. */
  readonly outputs: readonly OutputStats[];
}

/** The broadcast at one moment. */
export interface BroadcastStatus {
  /** Where the broadcast stands. */
  readonly state: BroadcastState;
  /** Time since the broadcast was started, ms; 0 while idle. */
  readonly uptimeMs: number;
  /** Its numbers at this moment. */
  readonly stats: BroadcastStats;
  /** Why it is not on air, if it should be. */
  readonly error?: string;
}

/** What the broadcast is encoded to. */
export interface BroadcastTarget {
  /** The frames that viewers get. */
  readonly video: {
    /** Width, pixels. */
    readonly width: number;
    /** Height, pixels. */
    readonly height: number;
    /** Frames a second, as configured; {@link EncoderStats.fps} says what is reached. */
    readonly fps: number;
    /** What the encoder makes. */
    readonly codec: 'h264' | 'hevc' | 'av1';
    /** ffmpeg's name of the encoder: `libx264`, `h264_nvenc` … While one of the hardware fails, one in software takes its place. */
    readonly encoder: string;
    /** As configured, kbit/s. */
    readonly bitrateKbps: number;
  };
  /** The sound that viewers get. */
  readonly audio: {
    /** Always AAC-LC. */
    readonly codec: 'aac';
    /** As configured, kbit/s. */
    readonly bitrateKbps: number;
    /** Samples a second, Hz. */
    readonly sampleRate: number;
    /** 1 for mono, 2 for stereo. */
    readonly channels: number;
  };
}

/** A named position in the broadcast. */
export interface BroadcastMarker {
  /** Increases from one marker to the next. */
  readonly id: number;
  /** What the position is called. */
  readonly label: string;
  /** The plugin that set it; absent if the streamer did. */
  readonly plugin?: string;
  /** Position in the stream, ms from its start: where to cut a recording. */
  readonly timestampMs: number;
  /** When it was set, ms since 1970. */
  readonly atMs: number;
}

/** The broadcast, as last reported by Bulkhead: at every change of state, and once a second while not idle. */
export interface Broadcast {
  /** Where the broadcast stands. */
  readonly state: BroadcastState;
  /** Its numbers. */
  readonly stats: BroadcastStats;
  /** All of it as one object, which does not change any more: state, numbers and the error belong together. */
  readonly status: BroadcastStatus;

  /**
   * Starts the broadcast again with its last configuration. Resolves when it has been started, before it is live: see
   * {@link onDidStart}. Needs the permission `broadcast.control`.
   *
   * @throws An error with the code `permission.denied`; `broadcast.state` if it is not idle, or there has been none.
   */
  start(): Promise<void>;
  /**
   * Ends the broadcast in order, for all viewers; resolves when it is idle. Needs the permission `broadcast.control`.
   *
   * @throws An error with the code `permission.denied`.
   */
  stop(): Promise<void>;

  /**
   * What the broadcast is encoded to; `undefined` while nothing is encoded: without a broadcast, and in one that passes on what a publisher
   * sends as it is.
   *
   * @example
   * ```ts
   * const { width = 1280, height = 720 } = broadcast.target?.video ?? {};
   * await overlays.create('corner', { x: width - 220, y: height - 80, width: 200, height: 60 });
   * ```
   */
  readonly target: BroadcastTarget | undefined;
  /** Fires with the new {@link target}: when a broadcast begins and ends, and when the streamer changes the encoder on air. */
  readonly onDidChangeTarget: Event<BroadcastTarget | undefined>;

  /** Markers of this broadcast, or of the last one, oldest first: those of all plugins and the streamer. */
  readonly markers: readonly BroadcastMarker[];
  /**
   * Adds a marker at this moment of the broadcast, for highlights and for cutting the recording.
   * Needs the permission `broadcast.marker`. A broadcast can have 200.
   *
   * @example
   * ```ts
   * commands.registerCommand('my-plugin.highlight', () => broadcast.addMarker('Highlight'));
   * ```
   *
   * @param label One line, 100 characters at most.
   * @throws An error with the code `permission.denied`; `broadcast.state` if it is not on air, or has 200 already; `rpc.busy` for more
   * than ten at once, or more than one a second after that.
   */
  addMarker(label: string): Promise<BroadcastMarker>;
  /** Fires with each new marker, of a plugin or the streamer. */
  readonly onDidAddMarker: Event<BroadcastMarker>;

  /** Fires at every change of state, with the new one. */
  readonly onDidChangeState: Event<BroadcastState>;
  /**
   * Fires when the broadcast goes live for the first time after a start, not when it recovers from `reconnecting`. A
   * plugin activated during a broadcast gets no event: check {@link state}.
   */
  readonly onDidStart: Event<void>;
  /** Fires when a broadcast that was live has ended. */
  readonly onDidStop: Event<void>;
  /**
   * Fires about once a second while not idle.
   *
   * @example
   * ```ts
   * broadcast.onDidUpdateStats(({ encoder }) => {
   *   if (encoder.fps < 25) window.showWarningMessage('The encoder falls behind.');
   * });
   * ```
   */
  readonly onDidUpdateStats: Event<BroadcastStats>;
}
