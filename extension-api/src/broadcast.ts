import type { Event } from './lifecycle.js';

/**
 * Where the broadcast stands:
 *
 * - `idle`: nothing is sent.
 * - `starting`: the encoder starts, the servers are being reached; no viewer sees anything yet.
 * - `live`: at least one server takes the stream.
 * - `reconnecting`: it was live, and no server takes the stream at the moment; it comes back by itself.
 * - `stopping`: it is being ended in order.
 */
export type BroadcastState = 'idle' | 'starting' | 'live' | 'reconnecting' | 'stopping';

/** Where one destination of the broadcast stands. */
export type OutputState = 'idle' | 'connecting' | 'live' | 'reconnecting' | 'failed' | 'stopped';

/** One destination of the broadcast, for example Twitch. */
export interface OutputStats {
  /** The name that the streamer gave it. */
  readonly id: string;
  readonly state: OutputState;
  /** Sessions opened with the server so far. 1 means that the connection never broke. */
  readonly sessions: number;
  readonly bytesSent: number;
  /** What has been sent lately, kbit/s. */
  readonly bitrateKbps: number;
  /** Video frames that were dropped since the server took them too slowly. */
  readonly droppedFrames: number;
  /** Media that waits to be sent, ms. A value that grows means that the network is too slow for the bitrate. */
  readonly queueMs: number;
  /** Why it is not live, in words for the streamer. */
  readonly error?: string;
}

/** The encoder: it turns frames and sound into the stream. */
export interface EncoderStats {
  /** Frames per second. */
  readonly fps: number;
  /** Mean bitrate of the run, kbit/s. */
  readonly bitrateKbps: number;
  /** How often it died and was replaced. Viewers see a short gap each time. */
  readonly restarts: number;
}

/** Numbers of the running broadcast, or of the last one. They are counted from its start. */
export interface BroadcastStats {
  readonly videoFrames: number;
  readonly audioFrames: number;
  /**
   * How often the stream went on with another encoder. `encoder.restarts` rises when one has died, this when the next
   * one's frame has been sent: from then on `lastGapMs` tells what viewers saw.
   */
  readonly splices: number;
  /** The last and the longest interruption of the stream, ms. */
  readonly lastGapMs: number;
  readonly maxGapMs: number;
  readonly encoder: EncoderStats;
  readonly outputs: readonly OutputStats[];
}

/** The broadcast at one moment. */
export interface BroadcastStatus {
  readonly state: BroadcastState;
  /** Time since the broadcast was started, ms; 0 while idle. */
  readonly uptimeMs: number;
  readonly stats: BroadcastStats;
  /** Why it is not on air, when it should be. */
  readonly error?: string;
}

/** A named moment of the broadcast. */
export interface BroadcastMarker {
  /** Grows from one marker to the next. */
  readonly id: number;
  readonly label: string;
  /** The plugin that set it; absent where the streamer did. */
  readonly plugin?: string;
  /** Its place in the stream, ms from its start: where to cut a recording. */
  readonly timestampMs: number;
  /** When it was set, ms since 1970. */
  readonly atMs: number;
}

/** The broadcast, as Bulkhead last reported it: at every change of state, and once a second while not idle. */
export interface Broadcast {
  readonly state: BroadcastState;
  readonly stats: BroadcastStats;
  readonly status: BroadcastStatus;

  /**
   * Starts the broadcast again, as it was configured the last time. Resolves when it has been set in motion: watch
   * {@link onDidStart}. Needs the permission `broadcast.control`.
   *
   * @throws An error with the code `permission.denied`; `broadcast.state` when it is not idle, or there has been none.
   */
  start(): Promise<void>;
  /**
   * Ends the broadcast in order, for all viewers; resolves when it is idle. Needs the permission `broadcast.control`.
   *
   * @throws An error with the code `permission.denied`.
   */
  stop(): Promise<void>;

  /** Markers of this broadcast, or of the last one, oldest first: those of all plugins, and the streamer's own. */
  readonly markers: readonly BroadcastMarker[];
  /**
   * Gives this moment of the broadcast a name, for highlights and for whoever cuts the recording. Needs the permission
   * `broadcast.marker`. A broadcast holds 200.
   *
   * @example
   * ```ts
   * commands.registerCommand('my-plugin.highlight', () => broadcast.addMarker('Highlight'));
   * ```
   *
   * @param label One line, 100 characters at most.
   * @throws An error with the code `permission.denied`; `broadcast.state` when it is not on air, or holds 200 already;
   * `rpc.busy` when more than ten come at once, and more than one a second after that.
   */
  addMarker(label: string): Promise<BroadcastMarker>;
  /** Fires with each marker, whoever has set it. */
  readonly onDidAddMarker: Event<BroadcastMarker>;

  /** Fires at every change of state, with the new one. */
  readonly onDidChangeState: Event<BroadcastState>;
  /**
   * Fires when the broadcast goes live for the first time after a start, not when it comes back from `reconnecting`. A
   * plugin activated during a broadcast gets no event: look at {@link state}.
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
