import type { EventEmitter } from 'node:events';

/** A terminal, a pipe or a file that the command writes to. */
export interface TextSink {
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
  write(text: string): unknown;
}

/** What the command touches of its surroundings; tests give their own. */
export interface CliContext {
  readonly stdout: TextSink;
  readonly stderr: TextSink;
  /** The folder that relative paths of the command line count from. */
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  /** Emits `SIGINT`, `SIGTERM` and `SIGHUP`. */
  readonly signals: Pick<EventEmitter, 'on' | 'off'>;
  /** Asks whoever is at the terminal; undefined where nobody is. No answer is an interrupt. */
  readonly ask?: ((question: string) => Promise<string | undefined>) | undefined;
  /** The bundle of the core process. */
  readonly corePath: string;
}
