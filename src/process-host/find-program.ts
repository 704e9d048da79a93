import { accessSync, constants, realpathSync } from 'node:fs';
import { basename, delimiter, isAbsolute, join } from 'node:path';

/**
 * A program by a look along PATH alone. BusyBox's (Alpine) know fewer options than util-linux's; they are told by being
 * links to `busybox`, and passed over.
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
