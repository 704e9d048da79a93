import { type ChildProcess, spawn } from 'node:child_process';
import type { Duplex, Readable } from 'node:stream';
import { withDeadline } from '../base/with-deadline.js';

/** A core's command line. It never holds a secret: those go over the control channel. */
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

/** How long a core without a broadcast may take to end in order, ms. */
const ORDERLY_END_MS = 5000;
/** After its end, how long a core's last words may take to arrive, ms. */
const LAST_WORDS_MS = 500;

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
 * A core that this process has started. It ends when this process does, however that comes: its control channel closes.
 * Made of Node's own modules alone, so that nothing has to be loaded before the core can start.
 */
export class CoreProcess {
  private readonly child: ChildProcess;
  /** Resolves when the process has ended and its last words have been read. */
  readonly exited: Promise<CoreExit>;

  constructor(corePath: string, args: CoreArguments, env: NodeJS.ProcessEnv) {
    this.child = spawn(process.execPath, [corePath, ...coreArguments(args)], {
      stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
      // A group of its own: Ctrl-C reaches this command alone, which then ends the broadcast in order.
      detached: process.platform !== 'win32',
      windowsHide: true,
      env,
    });
    this.exited = new Promise<CoreExit>((resolve) => {
      this.child.once('error', () => resolve({ code: null, signal: null }));
      this.child.once('exit', (code, signal) => {
        const timer = setTimeout(() => resolve({ code, signal }), LAST_WORDS_MS);
        this.child.once('close', () => {
          clearTimeout(timer);
          resolve({ code, signal });
        });
      });
    }).finally(() => {
      // Whatever has inherited them must not keep this process waiting.
      this.control.destroy();
      this.stderr.destroy();
    });
    // Whoever reads the channel hears of its end; a write into a dead core is no news.
    this.control.on('error', () => {});
  }

  get control(): Duplex {
    return this.child.stdio[3] as Duplex;
  }

  /** Lines for a person, such as why it could not start. The log goes elsewhere. */
  get stderr(): Readable {
    return this.child.stderr as Readable;
  }

  /** Waits for its end, and kills it when that does not come in time. */
  async endWithin(deadlineMs: number): Promise<CoreExit> {
    return withDeadline(this.exited, deadlineMs, () => {
      this.kill();
      return this.exited;
    });
  }

  /** Ends it in order, so that it leaves no control socket behind; kills it when that takes too long. */
  async end(): Promise<void> {
    this.child.kill('SIGTERM');
    await this.endWithin(ORDERLY_END_MS);
  }

  /** Ends it at once. Its own children notice and end too. Harmless when it is gone. */
  kill(): void {
    this.child.kill('SIGKILL');
  }
}
