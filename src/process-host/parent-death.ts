import { findProgram } from './find-program.js';

export interface CommandLine {
  readonly command: string;
  readonly args: readonly string[];
}

/** util-linux's setpriv: BusyBox's does not know `--pdeathsig`. */
export function findSetpriv(searchPath?: string): string | undefined {
  return findProgram('setpriv', searchPath);
}

let setpriv: string | undefined | null = null;

/**
 * The command line changed so that the kernel kills the process when its parent dies, also when the process spins and
 * would never see its control channel close. Linux with util-linux; elsewhere it comes back as it was. The signal
 * follows the parent's *thread*: launch from the main thread. Each link of a chain needs its own: core → encoder → ffmpeg.
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
