import type { Event } from '../../base/event.js';
import type { MixLevels } from '../../protocol/audio.js';
import type { BroadcastSpliceParams, BroadcastTarget } from '../../protocol/plugin-broadcast.js';
import type { BroadcastMarker, BroadcastState, Status } from '../../protocol/status/status.js';
import type { Markers } from './markers.js';

/** The broadcast's part of the core's status. */
export type BroadcastStatus = Pick<
  Status,
  | 'state'
  | 'uptimeMs'
  | 'input'
  | 'encoder'
  | 'sources'
  | 'canvases'
  | 'audio'
  | 'ingests'
  | 'outputs'
  | 'timeline'
  | 'markers'
  | 'recording'
  | 'replay'
  | 'liveServer'
  | 'error'
>;

export const BroadcastView = Symbol('BroadcastView');

/** What plugins may see and do of the broadcast; implemented by the core's `Broadcast`. */
export interface BroadcastView {
  status(): BroadcastStatus;
  readonly onDidChangeState: Event<BroadcastState>;
  /** What is encoded; undefined while nothing is. */
  readonly target: BroadcastTarget | undefined;
  /** Fires before the change of state that comes with it. */
  readonly onDidChangeTarget: Event<BroadcastTarget | undefined>;
  /** The stream continued with another encoder. */
  readonly onDidSplice: Event<BroadcastSpliceParams>;
  /** `status().sources` is as the encoder has just reported it: once a second, and when the state of a source has changed. */
  readonly onDidReportSources: Event<void>;
  /** How loud it is, 20 times a second with scenes. */
  readonly onDidMeasure: Event<MixLevels>;
  readonly markers: Pick<Markers, 'list' | 'onDidChange'>;
  /**
   * Adds a marker at this moment.
   *
   * @param plugin the plugin that sets it; undefined for the streamer.
   * @throws `broadcast.state` if not on air, or if there are too many already.
   */
  addMarker(label: string, plugin?: string): BroadcastMarker;
  /** Goes on air with the last configuration. Rejects with `broadcast.state` if it is not idle, or there has been none. */
  startAgain(): Promise<unknown> | void;
  /** Resolves when it is idle. */
  stop(): Promise<unknown>;
}
