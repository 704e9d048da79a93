import {
  MessageDirection,
  ProtocolNotificationType,
  ProtocolRequestType,
} from 'vscode-languageserver-protocol';
import type { Status } from './status/status.js';

/**
 * How a client follows the core's status: a snapshot when it subscribes, then changes. A message contains whole sections (the
 * keys of {@link Status}), so a client that reads slowly gets fewer and newer ones.
 */

export type StatusSection = Exclude<keyof Status, 'revision'>;

/**
 * Content of each section: `state` changes the revision; `meters` never do, since they change all the time; `both` has fields
 * of either kind, and {@link METERS} are its meters.
 */
export const STATUS_SECTIONS: Readonly<Record<StatusSection, 'state' | 'meters' | 'both'>> = {
  state: 'state',
  mode: 'state',
  address: 'state',
  uptimeMs: 'meters',
  core: 'both',
  input: 'both',
  encoder: 'both',
  sources: 'both',
  canvases: 'state',
  audio: 'meters',
  ingests: 'both',
  extensionHosts: 'state',
  outputs: 'both',
  timeline: 'both',
  markers: 'state',
  recording: 'both',
  replay: 'both',
  questions: 'state',
  progress: 'state',
  liveServer: 'state',
  error: 'state',
};

/** Fields of sections that are measured or counted. */
export const METERS: ReadonlySet<string> = new Set([
  'ackDelayMs',
  'audioFrames',
  'bitrateKbps',
  'bytesSent',
  'cpuPercent',
  'delayMs',
  'dropped',
  'droppedFrames',
  'fps',
  'framesSent',
  'freeBytes',
  'gaps',
  'heldBytes',
  'heldMs',
  'keyframeIntervalMs',
  'lastTimestampMs',
  'liveMs',
  'missingMs',
  'peakDbfs',
  'positionMs',
  'queueMs',
  'queuedFrames',
  'recordedMs',
  'rssBytes',
  'skewMs',
  'transitP99Ms',
  'unwrittenMs',
  'videoFrames',
  'writtenBytes',
]);

/** The sections' current values; null for one that is now absent. */
export type StatusChanges = { readonly [Section in StatusSection]?: Status[Section] | null };

export interface StatusChangedParams {
  /** The revision that these changes apply to: a client with another revision has missed some, and subscribes again. */
  readonly previous: number;
  /** The revision after these changes; equal to `previous` if only meters have changed. */
  readonly revision: number;
  readonly changes: StatusChanges;
}

export interface SubscribeParams {
  /** How often the sections with meters are sent as well, ms: 100 to an hour; if undefined, only when their state changes. */
  readonly metersIntervalMs?: number;
}

/**
 * Subscribes this client to {@link StatusChangedNotification}s and notices, starting with past notices. The result is the
 * status to which the first change applies. A second request replaces the first, and sends past notices only once.
 */
export namespace SubscribeRequest {
  export const method = 'core/subscribe' as const;
  export const messageDirection = MessageDirection.clientToServer;
  export const type = new ProtocolRequestType<SubscribeParams, Status, never, void, void>(method);
}

export namespace StatusChangedNotification {
  export const method = 'core/changed' as const;
  export const messageDirection = MessageDirection.serverToClient;
  export const type = new ProtocolNotificationType<StatusChangedParams, void>(method);
}

/** The status after these changes; undefined if they apply to another revision. */
export function applyChanges(
  status: Status,
  { previous, revision, changes }: StatusChangedParams,
): Status | undefined {
  if (previous !== status.revision) return undefined;
  const next: Record<string, unknown> = { ...status, ...changes, revision };
  for (const [section, value] of Object.entries(changes)) {
    if (value === null) delete next[section];
  }
  // Sections are replaced as a whole, each by one of its own type.
  return next as unknown as Status;
}
