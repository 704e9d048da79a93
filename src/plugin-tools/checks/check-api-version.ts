import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import semver from 'semver';
import { API_PACKAGE, findApiPackage } from '../../core/extension-hosts/isolation/api-package.js';
import type { Finding } from '../finding.js';
import type { Subject } from '../subject.js';

/**
 * Checks that the types used to build the plugin are not newer than the oldest API that it declares support for:
 * otherwise it may use missing functions.
 */
export async function checkApiVersion({ folder, packageJson }: Subject): Promise<Finding[]> {
  const { bulkhead: range } = packageJson['engines'] as { bulkhead: string };
  const types = (await installedTypes(folder)) ?? namedTypes(packageJson);
  const oldest = semver.minVersion(range);
  if (types === undefined || oldest === null) return [];
  // A patch version adds nothing to the types.
  if (types.major < oldest.major || (types.major === oldest.major && types.minor <= oldest.minor)) return [];
  const needed = `^${types.major}.${types.minor}.0`;
  return [
    {
      severity: 'error',
      rule: 'api-version',
      file: 'package.json',
      message:
        `engines.bulkhead: expected "${needed}", since the plugin is built with ${API_PACKAGE} ` +
        `${types.version}, got "${range}"`,
      remedy: `Raise it, or install the older types: npm install --save-dev ${API_PACKAGE}@${oldest.major}.${oldest.minor}`,
    },
  ];
}

async function installedTypes(folder: string): Promise<semver.SemVer | undefined> {
  const found = await findApiPackage(join(folder, 'package.json'));
  if (found === undefined) return undefined;
  const { version } = JSON.parse(readFileSync(join(found.realPath, 'package.json'), 'utf8')) as {
    version?: unknown;
  };
  return semver.parse(String(version)) ?? undefined;
}

/** The version in `package.json`, if the types are not installed. */
function namedTypes(packageJson: Subject['packageJson']): semver.SemVer | undefined {
  const named = { ...(packageJson['dependencies'] ?? {}), ...(packageJson['devDependencies'] ?? {}) };
  const range = (named as Record<string, unknown>)[API_PACKAGE];
  if (typeof range !== 'string' || semver.validRange(range) === null) return undefined;
  return semver.minVersion(range) ?? undefined;
}
