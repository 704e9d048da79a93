import { MessageDirection, ProtocolRequestType } from 'vscode-languageserver-protocol';
import type { ErrorData } from './errors.js';
import type { OutputStatistics } from './output-statistics.js';
import type { RecordingState } from './recording.js';
import type { OutputState } from './status/output-connections.js';
import type { TimelineStatus } from './status/status.js';

/** What became of one output in a broadcast, those included that were removed on air. */
export interface OutputReport
  extends Pick<OutputStatistics, 'liveMs' | 'framesSent' | 'dropped' | 'reconnects' | 'gaps'> {
  /** As in the configuration. */
  readonly id: string;
  /** With `***` in place of what may be secret. */
  readonly url: string;
  /** Its last state. */
  readonly state: OutputState;
  /** Sessions with its server. */
  readonly sessions: number;
  /** Bytes of all sessions. */
  readonly bytesSent: number;
  /** Video frames that were left out. */
  readonly droppedFrames: number;
  /** While it was live, kbit/s. */
  readonly meanKbps: number;
  /** The lowest of all spans of five seconds while it was live, kbit/s; absent if it was live for less. */
  readonly lowestKbps?: number;
  /** Why it was not live at the end. */
  readonly error?: ErrorData;
}

/** How often a part was restarted during a broadcast. */
export interface PartReport {
  /** `encoder`, `plugins`, or `recorder`. */
  readonly part: 'encoder' | 'plugins' | 'recorder';
  /** Ids of the plugins. */
  readonly plugins?: readonly string[];
  /** How often it was replaced. */
  readonly restarts: number;
}

/** A recording of a broadcast. */
export interface RecordingReport {
  /** What became of it. */
  readonly state: RecordingState;
  /** Paths of its files; the last 50. */
  readonly files: readonly string[];
  /** Duration of what is on the disk, ms. */
  readonly recordedMs: number;
  /** Bytes on the disk. */
  readonly writtenBytes: number;
  /** What was left out since the disk did not keep up, ms. */
  readonly lostMs: number;
  /** What went wrong. */
  readonly error?: ErrorData;
}

/** What became of a broadcast, from its start to its end, as one core has seen it. */
export interface BroadcastReport {
  /** Version of Bulkhead. */
  readonly version: string;
  /** ms since 1970. */
  readonly startedAtMs: number;
  /** ms since 1970. */
  readonly endedAtMs: number;
  /** ms, not affected by changes of the clock. */
  readonly durationMs: number;
  /** Why it has ended, unless it was stopped or its input was over. */
  readonly error?: ErrorData;
  /** In the order in which they were added. */
  readonly outputs: readonly OutputReport[];
  /** What was sent to all outputs. */
  readonly timeline: TimelineStatus;
  /** The encoder, then the processes of plugins, then the recorder. */
  readonly parts: readonly PartReport[];
  /** The earliest one first. */
  readonly recordings: readonly RecordingReport[];
}

/** A report, and where it is kept. */
export interface KeptReport {
  readonly report: BroadcastReport;
  /** Path; absent if it could not be written. */
  readonly file?: string;
}

/** The report of the last broadcast of this core; null while there has been none. It is there when the state is `idle`. */
export namespace ReportRequest {
  export const method = 'broadcast/report' as const;
  export const messageDirection = MessageDirection.clientToServer;
  export const type = new ProtocolRequestType<Record<string, never>, KeptReport | null, never, void, void>(
    method,
  );
}
