import type { OutputState } from './control.js';
import type { ErrorData } from './errors.js';

/** One of the two connections of an output that has a backup address. */
export interface OutputConnection {
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
    readonly bytesSent: number;
    readonly droppedFrames: number;
    /** Media that waits to be sent, ms. */
    readonly queueMs: number;
  };
}

/** Of an output with a backup address. */
export interface OutputBackup {
  readonly mode: 'at-once' | 'on-failure';
  /** The primary first. */
  readonly connections: readonly OutputConnection[];
}
