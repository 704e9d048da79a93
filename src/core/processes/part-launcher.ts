import type { Duplex } from 'node:stream';
import type { Disposable } from 'vscode-jsonrpc';
import type { Event } from '../../base/event.js';
import type { PartRole } from '../../protocol/lifecycle.js';

/** How a part ended. */
export interface PartExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** What is known beyond that, going on after the part's name: "used more than its 512 MB of memory". */
  readonly why?: string;
  /** It never ran: no process, memory, descriptor or folder could be had. The part is not to blame. */
  readonly notStarted?: boolean;
  /** Where in its code it was when it was told to end, as lines of `at …`. */
  readonly stack?: string;
}

/** One running part, whether it is a process or lives inside the core. Nobody past the launcher can tell. */
export interface PartInstance extends Disposable {
  /** The core's own pid for a part inside the core. In a sandbox it is right from the part's first message on. */
  readonly pid: number;
  /** The control channel: JSON-RPC, nothing else. The connection over it owns it: the part's last words outlive its exit. */
  readonly control: Duplex;
  /** Fires once, when the part is gone and its log has been read. */
  readonly onDidExit: Event<PartExit>;
  /** Lines of stdout and stderr: a log, never protocol. */
  readonly onDidLog: Event<string>;
  /** Ends the part: its whole process group, or what it holds inside the core. Repeating it is harmless. */
  kill(signal: 'SIGTERM' | 'SIGKILL'): void;
}

export interface PartLauncher {
  readonly role: PartRole;
  /** Whether what it launches is a process of its own. */
  readonly isolated: boolean;
  /** Starts a part. A launch that fails is an instance that exits; what it throws becomes one in `failed-launch.ts`. */
  launch(): PartInstance;
}

export const PartLaunchers = Symbol('PartLaunchers');

/** How each part is started in this run mode: as a process, or inside the core. Plugins' hosts have launchers of their own. */
export type PartLaunchers = Readonly<Record<Exclude<PartRole, 'extension-host'>, PartLauncher>>;
