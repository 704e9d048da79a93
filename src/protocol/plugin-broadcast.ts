import {
  MessageDirection,
  ProtocolNotificationType,
  ProtocolRequestType,
} from 'vscode-languageserver-protocol';
import type { FromPlugin } from './extension-host.js';
import type { EncoderStatus } from './status/encoder-status.js';
import type { OutputStatus } from './status/output-status.js';
import type { BroadcastMarker, BroadcastState, TimelineStatus } from './status/status.js';

// Between `MainThreadBroadcast` and `ExtHostBroadcast`.

/** The states that plugins know. */
export type PluginBroadcastState = Exclude<BroadcastState, 'paused'>;

/** A broadcast without outputs is one that no server takes at the moment. */
export function stateForPlugins(state: BroadcastState): PluginBroadcastState {
  return state === 'paused' ? 'reconnecting' : state;
}

/** The properties of an output that plugins may see: not its address. */
export type OutputSnapshot = Pick<
  OutputStatus,
  'id' | 'state' | 'sessions' | 'bytesSent' | 'droppedFrames' | 'queueMs'
> & { readonly error?: string };

/** The properties of the broadcast that plugins may see, at one moment. */
export interface BroadcastSnapshot {
  /** When it was taken, ms since the epoch. */
  readonly sampledAtMs: number;
  readonly state: PluginBroadcastState;
  readonly uptimeMs: number;
  readonly encoder: Pick<EncoderStatus, 'fps' | 'bitrateKbps' | 'restarts'>;
  readonly timeline: Pick<
    TimelineStatus,
    'videoFrames' | 'audioFrames' | 'splices' | 'lastGapMs' | 'maxGapMs'
  >;
  readonly outputs: readonly OutputSnapshot[];
  readonly error?: string;
}

/**
 * Core → host: immediately after the start, at every change of state, and once a second while not idle. A host that does not
 * read misses snapshots; each one is complete.
 */
export namespace BroadcastSnapshotNotification {
  export const method = 'broadcast/didChange' as const;
  export const messageDirection = MessageDirection.clientToServer;
  export const type = new ProtocolNotificationType<BroadcastSnapshot, void>(method);
}

/** What the broadcast is encoded to. */
export interface BroadcastTarget {
  readonly video: {
    readonly width: number;
    readonly height: number;
    readonly fps: number;
    readonly codec: 'h264' | 'hevc' | 'av1';
    /** ffmpeg's name of it. */
    readonly encoder: string;
    readonly bitrateKbps: number;
  };
  readonly audio: {
    readonly codec: 'aac';
    readonly bitrateKbps: number;
    /** Hz */
    readonly sampleRate: number;
    readonly channels: number;
  };
}

/** Core → host: immediately after the start, and when it has changed; null while nothing is encoded. */
export namespace BroadcastTargetNotification {
  export const method = 'broadcast/didChangeTarget' as const;
  export const messageDirection = MessageDirection.clientToServer;
  export const type = new ProtocolNotificationType<{ readonly target: BroadcastTarget | null }, void>(method);
}

/** Host → core: start the broadcast with its last configuration. Fails with `permission.denied`, `broadcast.state`. */
export namespace PluginStartsBroadcastRequest {
  export const method = 'broadcast/start' as const;
  export const messageDirection = MessageDirection.serverToClient;
  export const type = new ProtocolRequestType<FromPlugin, null, never, void, void>(method);
}

/** Host → core: end the broadcast; resolves when it is idle. Fails with `permission.denied`. */
export namespace PluginStopsBroadcastRequest {
  export const method = 'broadcast/stop' as const;
  export const messageDirection = MessageDirection.serverToClient;
  export const type = new ProtocolRequestType<FromPlugin, null, never, void, void>(method);
}

/** Host → core: add a marker at this moment. Fails with `permission.denied`, and `broadcast.state` if not on air. */
export namespace AddMarkerRequest {
  export const method = 'broadcast/addMarker' as const;
  export const messageDirection = MessageDirection.serverToClient;
  export const type = new ProtocolRequestType<
    FromPlugin & { readonly label: string },
    BroadcastMarker,
    never,
    void,
    void
  >(method);
}

export interface BroadcastMarkersParams {
  /** All markers of this broadcast, oldest first; one whose `id` is higher than any before is new. */
  readonly markers: readonly BroadcastMarker[];
}

/** Core → host: immediately after the start, at each new marker, and when a broadcast begins without markers. */
export namespace BroadcastMarkersNotification {
  export const method = 'broadcast/didChangeMarkers' as const;
  export const messageDirection = MessageDirection.clientToServer;
  export const type = new ProtocolNotificationType<BroadcastMarkersParams, void>(method);
}

/** The stream continued with another encoder. */
export interface BroadcastSpliceParams {
  /** Media pause before it, ms. */
  readonly gapMs: number;
  /** Where on the stream's timeline the new encoder begins, ms. */
  readonly timestampMs: number;
}

/**
 * Core → host, for plugins with the proposed API `broadcastSplices`: as soon as the next encoder's first frame has been sent.
 */
export namespace BroadcastSpliceNotification {
  export const method = 'broadcast/didSplice' as const;
  export const messageDirection = MessageDirection.clientToServer;
  export const type = new ProtocolNotificationType<BroadcastSpliceParams, void>(method);
}

/** Whether a broadcast counts as on air, given whether it did before: from its first `live` to its end. */
export function isOnAir(state: BroadcastState, before: boolean): boolean {
  if (state === 'stopping') return before;
  return state === 'live' || state === 'paused' || state === 'reconnecting';
}
