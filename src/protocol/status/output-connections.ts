import type { ErrorData } from '../errors.js';

/** `connecting`: never live so far. `failed`: its server refused it for good. `stopped`: the broadcast has ended. */
export type OutputState = 'idle' | 'connecting' | 'live' | 'reconnecting' | 'failed' | 'stopped';

/** One of the two connections of an output that has a backup address. */
export interface OutputConnection {
  /** Which of the two it is. */
  readonly role: 'primary' | 'backup';
  /** As of the output. */
  readonly url: string;
  /** `standby`: nothing is sent there, since the other one is in use. */
  readonly state: OutputState | 'standby';
  /** Sessions that it has opened. */
  readonly sessions: number;
  /** Why it is not live; of one on standby, why it was left. */
  readonly error?: ErrorData | undefined;
  /** What was sent there; absent where both are never used at once, so that the output's own figures say it. */
  readonly sent?: {
    /** Bytes of all its sessions. */
    readonly bytesSent: number;
    /** Video frames dropped from its queue. */
    readonly droppedFrames: number;
    /** Media that waits to be sent, ms. */
    readonly queueMs: number;
  };
}

/** Of an output with a backup address. */
export interface OutputBackup {
  /** Whether both are sent to, or the backup only while the primary cannot be used. */
  readonly mode: 'at-once' | 'on-failure';
  /** The primary first. */
  readonly connections: readonly OutputConnection[];
}
