import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { checkValue } from '../../base/check-value.js';
import * as z from '../../base/zod.js';
import type { InstalledPlugin } from '../installed-plugin.js';
import { joinErrors, pluginInvalid } from '../plugin-error.js';
import { readPackageJson } from '../read-package-json.js';
import { checkPlugin } from '../read-plugin.js';

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
  const warnings = missingPackages(folder, packageJson).map(
    (name) => `dependencies: "${name}" is not in the package; the code runs only if it is bundled into it`,
  );
  return { ...plugin, warnings: [...plugin.warnings, ...warnings] };
}

/**
 * Packages that the plugin names and does not contain. Bulkhead installs none, so that all of a plugin comes from its package;
 * they may be in its bundled code.
 */
function missingPackages(folder: string, packageJson: unknown): string[] {
  const { data } = checkValue(Dependencies, packageJson);
  return Object.keys(data?.dependencies ?? {}).filter(
    (name) => name !== PROVIDED && !existsSync(join(folder, 'node_modules', name, 'package.json')),
  );
}
