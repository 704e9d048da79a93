import { type ChildProcess, spawn } from 'node:child_process';
import type { Duplex, Readable } from 'node:stream';
import { withDeadline } from '../base/with-deadline.js';

/** A core's command line. It never contains a secret: those are sent over the control channel. */
export interface CoreArguments {
  readonly address: string;
  readonly mode: 'spawn' | 'attach' | 'hybrid';
  readonly isolate?: 'plugins' | 'encoder' | undefined;
  readonly logLevel?: string | undefined;
  readonly logFile?: string | undefined;
}

export interface CoreExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** Deadline for a core without a broadcast to end in order, ms. */
const ORDERLY_END_MS = 5000;
/** How long after a core's exit its last lines may take to arrive, ms. */
const LAST_LINES_MS = 500;

export function coreArguments({ address, mode, isolate, logLevel, logFile }: CoreArguments): string[] {
  const optional = (flag: string, value: string | undefined) => (value === undefined ? [] : [flag, value]);
  return [
    ...['--address', address, '--mode', mode],
    ...optional('--isolate', isolate),
    ...optional('--log-level', logLevel),
    ...optional('--log-file', logFile),
  ];
}

/**
 * A core started by this process. It ends when this process does in any way, since its control channel closes. Uses
 * only Node's own modules, so that nothing has to be loaded before the core can start.
 */
export class CoreProcess {
  private readonly child: ChildProcess;
  /** Resolves when the process has exited and its last lines have been read. */
  readonly exited: Promise<CoreExit>;

  constructor(corePath: string, args: CoreArguments, env: NodeJS.ProcessEnv) {
    this.child = spawn(process.execPath, [corePath, ...coreArguments(args)], {
      stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
      // In its own group: Ctrl-C is sent only to this command, which then ends the broadcast in order.
      detached: process.platform !== 'win32',
      windowsHide: true,
      env,
    });
    this.exited = new Promise<CoreExit>((resolve) => {
      this.child.once('error', () => resolve({ code: null, signal: null }));
      this.child.once('exit', (code, signal) => {
        const timer = setTimeout(() => resolve({ code, signal }), LAST_LINES_MS);
        this.child.once('close', () => {
          clearTimeout(timer);
          resolve({ code, signal });
        });
      });
    }).finally(() => {
      // Processes that have inherited them must not delay this process.
      this.control.destroy();
      this.stderr.destroy();
    });
    // The close is reported to the channel's reader; failed writes to a core that has exited are expected.
    this.control.on('error', () => {});
  }

  get control(): Duplex {
    return this.child.stdio[3] as Duplex;
  }

  /** Lines for the user, such as why it could not start. The log is written elsewhere. */
  get stderr(): Readable {
    return this.child.stderr as Readable;
  }

  /** Waits for its exit, and kills it at the deadline. */
  async endWithin(deadlineMs: number): Promise<CoreExit> {
    return withDeadline(this.exited, deadlineMs, () => {
      this.kill();
      return this.exited;
    });
  }

  /** Ends it in order, so that it removes its control socket; kills it at the deadline. */
  async end(): Promise<void> {
    this.child.kill('SIGTERM');
    await this.endWithin(ORDERLY_END_MS);
  }

  /** Kills it. Its child processes notice and exit. Does nothing if it has exited. */
  kill(): void {
    this.child.kill('SIGKILL');
  }
}
