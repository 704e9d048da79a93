import { findProgram } from './find-program.js';

export interface CommandLine {
  readonly command: string;
  readonly args: readonly string[];
}

/** util-linux's setpriv: BusyBox's does not support `--pdeathsig`. */
export function findSetpriv(searchPath?: string): string | undefined {
  return findProgram('setpriv', searchPath);
}

let setpriv: string | undefined | null = null;

/**
 * The command line changed so that the kernel kills the process when its parent exits, even if the process is in an
 * endless loop and would not notice that its control channel has closed. Linux with util-linux; elsewhere it is returned
 * unchanged. The signal is tied to the parent's *thread*: launch from the main thread. Each link of a chain needs its own:
 * core → encoder → ffmpeg.
 */
export function dyingWithParent(commandLine: CommandLine): CommandLine {
  if (process.platform !== 'linux') return commandLine;
  if (setpriv === null) setpriv = findSetpriv();
  if (setpriv === undefined) return commandLine;
  return {
    command: setpriv,
    args: ['--pdeathsig', 'KILL', '--', commandLine.command, ...commandLine.args],
  };
}
