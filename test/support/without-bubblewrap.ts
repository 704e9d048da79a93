import { readdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { type TempDir, tempDir } from './temp.js';

/** A folder with every program of this machine but bubblewrap: with it as PATH, plugins run in the `standard` tier. */
export function withoutBubblewrap(): TempDir {
  const folder = tempDir('path');
  const taken = new Set(['bwrap']);
  for (const from of (process.env['PATH'] ?? '').split(':')) {
    for (const name of list(from)) {
      if (taken.has(name)) continue;
      taken.add(name);
      symlinkSync(join(from, name), join(folder.path, name));
    }
  }
  return folder;
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
