import type { Event } from '../../base/event.js';
import type { BroadcastMarker, BroadcastState, Status } from '../../protocol/control.js';
import type { BroadcastSpliceParams } from '../../protocol/plugin-broadcast.js';
import type { Markers } from './markers.js';

/** The broadcast's part of the core's status. */
export type BroadcastStatus = Pick<
  Status,
  | 'state'
  | 'uptimeMs'
  | 'input'
  | 'encoder'
  | 'ingests'
  | 'outputs'
  | 'timeline'
  | 'markers'
  | 'liveServer'
  | 'error'
>;

export const BroadcastView = Symbol('BroadcastView');

/** As much of the broadcast as plugins may see and do; the core's `Broadcast` is one. */
export interface BroadcastView {
  status(): BroadcastStatus;
  readonly onDidChangeState: Event<BroadcastState>;
  /** The stream went on with another encoder. */
  readonly onDidSplice: Event<BroadcastSpliceParams>;
  readonly markers: Pick<Markers, 'list' | 'onDidChange'>;
  /**
   * Gives this moment a name.
   *
   * @param plugin who sets it; the streamer without one.
   * @throws `broadcast.state` when it is not on air, or has too many already.
   */
  addMarker(label: string, plugin?: string): BroadcastMarker;
  /** Goes on air as it was configured the last time. Rejects with `broadcast.state` when it is not idle, or there has been none. */
  startAgain(): Promise<unknown> | void;
  /** Resolves when it is idle. */
  stop(): Promise<unknown>;
}
