import { existsSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { checkValue } from '../../base/check-value.js';
import type { InstalledPlugin } from '../installed-plugin.js';
import { joinErrors, pluginInvalid } from '../plugin-error.js';
import { checkPlugin, readPackageJson } from '../read-plugin.js';

const Dependencies = z.object({ dependencies: z.record(z.string(), z.unknown()).default({}) });

/** Provided to each plugin by the host. */
const PROVIDED = '@bulkhead/extension-api';

/**
 * Checks an unpacked package.
 *
 * @param shownAs Its name in errors.
 */
export function checkPackage(folder: string, shownAs: string): InstalledPlugin {
  const packageJson = readPackageJson(folder);
  if (packageJson === undefined) {
    throw pluginInvalid(
      shownAs,
      'has no package.json',
      'Pack a plugin with "bulkhead plugin pack" or "npm pack".',
    );
  }
  const { plugin, errors } = checkPlugin(folder, packageJson, shownAs);
  if (plugin === undefined) throw joinErrors(errors);
  const missing = missingPackages(folder, packageJson);
  if (missing.length > 0) {
    throw pluginInvalid(
      join(shownAs, 'package.json'),
      `dependencies: expected packages that are inside, but ${missing.join(', ')} ${missing.length === 1 ? 'is' : 'are'} not`,
      'Name them in "bundleDependencies" too; or bundle them into the code, and name them in "devDependencies" alone.',
    );
  }
  return plugin;
}

/**
 * Packages that the plugin needs at run time and does not contain: Bulkhead installs none, so that all of a plugin comes
 * from its package.
 */
function missingPackages(folder: string, packageJson: unknown): string[] {
  const { data } = checkValue(Dependencies, packageJson);
  return Object.keys(data?.dependencies ?? {}).filter(
    (name) => name !== PROVIDED && !existsSync(join(folder, 'node_modules', name, 'package.json')),
  );
}
