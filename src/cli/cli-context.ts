import type { EventEmitter } from 'node:events';
import type { EndSignal } from '../base/process-signals.js';
import type { Printer } from './terminal/printer.js';

/** What the command touches of its surroundings; tests give their own. */
export interface CliContext {
  readonly stdout: Printer;
  readonly stderr: Printer;
  /** The folder that relative paths of the command line count from. */
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  readonly platform: NodeJS.Platform;
  /** Emits signals. */
  readonly signals: Pick<EventEmitter, 'on' | 'off'>;
  /** Those that end a command in order. */
  readonly endSignals: readonly EndSignal[];
  /** Asks the user at the terminal; undefined where there is none. No answer means that the user interrupted. */
  readonly ask?: ((question: string) => Promise<string | undefined>) | undefined;
  /** The bundle of the core process. */
  readonly corePath: string;
}
