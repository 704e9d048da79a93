import type { Duplex } from 'node:stream';
import type { Disposable } from 'vscode-jsonrpc';
import type { Event } from '../../base/event.js';
import type { PartRole } from '../../protocol/lifecycle.js';

/** How a part ended. */
export interface PartExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** Further explanation, continuing after the part's name: "used more than its 512 MB of memory". */
  readonly why?: string;
  /** It never ran, for lack of a process, memory, a descriptor or a folder. This is not the part's fault. */
  readonly notStarted?: boolean;
  /** Its stack when it was asked to end, as lines of `at …`. */
  readonly stack?: string;
}

/** One running part, in a process of its own or inside the core; only the launcher knows which. */
export interface PartInstance extends Disposable {
  /** The core's own pid for a part inside the core. In a sandbox it is valid from the part's first message on. */
  readonly pid: number;
  /**
   * The control channel: JSON-RPC only. Owned by the connection over it, since the part's last messages may be read after its
   * exit.
   */
  readonly control: Duplex;
  /** Where the host of plugins sends their frames, or a relay gets its media; undefined for other parts. Destroyed with the part. */
  readonly frames?: Duplex | undefined;
  /** Fires once, when the part has exited and its log has been read. */
  readonly onDidExit: Event<PartExit>;
  /** Lines of stdout and stderr: a log, never protocol. */
  readonly onDidLog: Event<string>;
  /** Ends the part: its whole process group, or its resources inside the core. May be called repeatedly. */
  kill(signal: 'SIGTERM' | 'SIGKILL'): void;
}

export interface PartLauncher {
  readonly role: PartRole;
  /** Whether it launches processes. */
  readonly isolated: boolean;
  /** Starts a part. A launch that fails returns an instance that exits; for thrown errors `failed-launch.ts` does so. */
  launch(): PartInstance;
}

export const PartLaunchers = Symbol('PartLaunchers');

/** How each part is started in this run mode: as a process, or inside the core. Plugin hosts and their gate have their own launchers. */
export type PartLaunchers = Readonly<
  Record<Exclude<PartRole, 'extension-host' | 'network-gate'>, PartLauncher>
>;
