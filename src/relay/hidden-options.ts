import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Disposable } from 'vscode-jsonrpc';

/** The descriptor by which ffmpeg reads them: the first one after its standard ones. */
export const OPTIONS_FD = 3;

/** Options of ffmpeg in a preset file (`-fpre`), which no other user can read. */
export interface HiddenOptions extends Disposable {
  /** To be given to ffmpeg as its descriptor `OPTIONS_FD`. */
  readonly fd: number;
  /** The file's path for ffmpeg. */
  readonly path: string;
}

/**
 * The file has no name any more when the options are written, so that nothing is left of it once it is closed, whatever ends
 * this process. Windows has no path for a descriptor: there the file has a name in the user's own folder until it is closed.
 *
 * @throws errors of the file system
 */
export function writeHiddenOptions(
  options: readonly (readonly [string, string])[],
  platform: NodeJS.Platform = process.platform,
): HiddenOptions {
  const folder = mkdtempSync(join(tmpdir(), 'bulkhead-'));
  const file = join(folder, 'options');
  const remove = () => rmSync(folder, { recursive: true, force: true });
  const keepsName = platform === 'win32';
  let fd: number;
  try {
    fd = openSync(file, 'wx+', 0o600);
  } catch (error) {
    remove();
    throw error;
  }
  if (!keepsName) remove();
  // By position: where a descriptor is opened again by its path, it may share the offset.
  writeSync(fd, options.map(([name, value]) => `${name}=${value}\n`).join(''), 0);
  return {
    fd,
    path: keepsName ? file : `/dev/fd/${OPTIONS_FD}`,
    dispose: () => {
      closeSync(fd);
      if (keepsName) remove();
    },
  };
}
