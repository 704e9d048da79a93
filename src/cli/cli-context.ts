import type { EventEmitter } from 'node:events';
import type { EndSignal } from '../base/process-signals.js';
import type { Printer } from './terminal/printer.js';

/** The command's environment; tests replace it. */
export interface CliContext {
  readonly stdout: Printer;
  readonly stderr: Printer;
  /** Base of relative paths on the command line. */
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  readonly platform: NodeJS.Platform;
  /** Emits signals. */
  readonly signals: Pick<EventEmitter, 'on' | 'off'>;
  /** The signals that end a command in order. */
  readonly endSignals: readonly EndSignal[];
  /**
   * Asks the user at the terminal; undefined if there is none. Resolves to undefined if the user interrupted.
   */
  readonly ask?: ((question: string) => Promise<string | undefined>) | undefined;
  /**
   * Asks for what must not be seen; undefined if nobody enters anything at a terminal. Resolves like {@link ask}.
   */
  readonly askHidden?: ((question: string) => Promise<string | undefined>) | undefined;
  /** Reads standard input, no more than so many bytes of it. */
  readonly readInput?: ((maxBytes: number) => Promise<string>) | undefined;
  /** The bundle of the core process. */
  readonly corePath: string;
}
