import { readFile, realpath } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { packageRoot } from '../../processes/entry-points.js';

export const API_PACKAGE = '@bulkhead/extension-api';

/** Where a plugin's `import` of the API package leads. */
export interface FoundApi {
  /** The folder as Node searches for it; it may be a link. */
  readonly path: string;
  readonly realPath: string;
}

/** Bulkhead's own copy of the package, for plugins that lack it. */
export function ownApiPackage(): string {
  return join(packageRoot(), 'extension-api');
}

/**
 * The copy of the API package that Node finds from this module, in its folder or in one above it; undefined if there
 * is none. A folder that merely has the name is not accepted, since the found folder becomes readable for the plugin.
 */
export async function findApiPackage(main: string): Promise<FoundApi | undefined> {
  for (let folder = dirname(main); ; folder = dirname(folder)) {
    const path = join(folder, 'node_modules', ...API_PACKAGE.split('/'));
    const realPath = await realpath(path).catch(() => undefined);
    if (realPath !== undefined && (await isApiPackage(realPath))) return { path, realPath };
    if (folder === dirname(folder)) return undefined;
  }
}

async function isApiPackage(folder: string): Promise<boolean> {
  try {
    const { name } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as { name?: unknown };
    return name === API_PACKAGE;
  } catch {
    return false;
  }
}
