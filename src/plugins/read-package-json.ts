import { join } from 'node:path';
import { MANIFEST_LIMITS, overBounds } from './manifest-bounds.js';
import { pluginInvalid } from './plugin-error.js';
import { readSmallFile } from './read-json.js';

/**
 * The `package.json` of a folder, parsed; undefined if there is none.
 *
 * @throws `plugin.invalid` if it is not JSON, or larger than {@link MANIFEST_LIMITS}.
 */
export function readPackageJson(folder: string): unknown {
  const file = join(folder, 'package.json');
  const text = readSmallFile(file, MANIFEST_LIMITS.bytes);
  if (text === undefined) return undefined;
  let packageJson: unknown;
  try {
    packageJson = JSON.parse(text);
  } catch (error) {
    throw pluginInvalid(file, `expected JSON: ${(error as Error).message}`);
  }
  const problem = overBounds(packageJson);
  if (problem !== undefined)
    throw pluginInvalid(file, problem, 'Keep in package.json what npm and Bulkhead read.');
  return packageJson;
}
