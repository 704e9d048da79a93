import { execFile } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';

/** Those of the programs that are not on the PATH. */
export function missingPrograms(...names: readonly string[]): string[] {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  return names.filter((name) => !folders.some((folder) => isExecutable(join(folder, name))));
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** The first of the GStreamer elements that is installed. */
export async function firstElement(...names: readonly string[]): Promise<string | undefined> {
  for (const name of names) {
    try {
      await promisify(execFile)('gst-inspect-1.0', ['--exists', name]);
      return name;
    } catch {
      // The next one will do.
    }
  }
  return undefined;
}
