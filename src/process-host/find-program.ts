import { accessSync, constants, realpathSync } from 'node:fs';
import { basename, delimiter, isAbsolute, join } from 'node:path';

/**
 * Searches PATH for a program. BusyBox's versions (Alpine) support fewer options than util-linux's; they are recognized
 * as links to `busybox`, and skipped.
 */
export function findProgram(
  name: string,
  searchPath: string = process.env['PATH'] ?? '',
): string | undefined {
  for (const folder of searchPath.split(delimiter)) {
    if (!isAbsolute(folder)) continue;
    const file = join(folder, name);
    try {
      accessSync(file, constants.X_OK);
      if (basename(realpathSync(file)) !== 'busybox') return file;
    } catch {
      // Not in this folder.
    }
  }
  return undefined;
}
