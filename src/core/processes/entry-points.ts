import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { PartRole } from '../../protocol/lifecycle.js';

function isPackageRoot(folder: string): boolean {
  try {
    const { name } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { name?: unknown };
    return name === 'bulkhead';
  } catch {
    return false;
  }
}

let ownRoot: string | undefined;

/**
 * The folder of bulkhead's package.json, searched upwards from `from`: bundles, tsc's output and an installed
 * package have different depths below it. Throws if there is none.
 */
export function packageRoot(from?: string): string {
  if (from !== undefined) return findPackageRoot(from);
  // Looked up once: the disk may hang later, while on air.
  ownRoot ??= findPackageRoot(fileURLToPath(import.meta.url));
  return ownRoot;
}

function findPackageRoot(from: string): string {
  for (let folder = dirname(from); ; folder = dirname(folder)) {
    if (isPackageRoot(folder)) return folder;
    if (folder === dirname(folder)) throw new Error(`no package.json of bulkhead above ${from}`);
  }
}

/** The bundle that runs a part in its own process, the one that searches for orphans, that asks the keyring, or the one that makes CPU profiles. */
export function entryPoint(
  role: PartRole | 'orphan-sweep' | 'keyring' | 'cpu-profile',
  root: string = packageRoot(),
): string {
  return join(root, 'dist', 'bin', `${role}.cjs`);
}
