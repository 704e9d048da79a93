import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { packageRoot } from '../../../src/core/processes/entry-points.js';

/**
 * Makes a new plugin use this repository's copies of packages instead of a registry: the test needs no network, and the
 * versions are the same.
 */
export function useOwnPackages(folder: string): void {
  const file = join(folder, 'package.json');
  const { devDependencies, ...rest } = JSON.parse(readFileSync(file, 'utf8')) as {
    devDependencies: Record<string, string>;
  };
  const replaced = Object.entries(devDependencies).map(([name, range]) => {
    const here = join(packageRoot(), 'node_modules', name);
    return [name, !range.startsWith('file:') && existsSync(here) ? `file:${relative(folder, here)}` : range];
  });
  writeFileSync(file, JSON.stringify({ ...rest, devDependencies: Object.fromEntries(replaced) }, null, 2));
}
