import { accessSync, constants, realpathSync } from 'node:fs';
import { basename, delimiter, isAbsolute, join } from 'node:path';

export interface CommandLine {
  readonly command: string;
  readonly args: readonly string[];
}

/**
 * util-linux's setpriv, by a look along PATH alone. BusyBox's (Alpine) does not know `--pdeathsig`, and is told by
 * being a link to `busybox`.
 */
export function findSetpriv(searchPath: string = process.env['PATH'] ?? ''): string | undefined {
  for (const folder of searchPath.split(delimiter)) {
    if (!isAbsolute(folder)) continue;
    const file = join(folder, 'setpriv');
    try {
      accessSync(file, constants.X_OK);
      if (basename(realpathSync(file)) === 'setpriv') return file;
    } catch {
      // Not in this folder.
    }
  }
  return undefined;
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
