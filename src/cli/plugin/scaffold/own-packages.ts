import { existsSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { API_PACKAGE, ownApiPackage } from '../../../core/extension-hosts/isolation/api-package.js';
import { packageRoot } from '../../../core/processes/entry-points.js';

/** The entries for Bulkhead's own packages in a new plugin's `devDependencies`. */
export interface OwnPackages {
  readonly api: string;
  readonly bulkhead: string;
  readonly tools: string;
}

/** Whether this copy of Bulkhead is run from its source repository rather than installed by npm. */
export function isCheckout(): boolean {
  return !packageRoot().split(sep).includes('node_modules');
}

/** The npm packages, in the versions running here. */
export function publishedPackages(): OwnPackages {
  const bulkhead = `^${versionOf(packageRoot())}`;
  return { api: `^${versionOf(ownApiPackage())}`, bulkhead, tools: bulkhead };
}

/**
 * The packages running here, as links.
 *
 * @param folder The plugin's, links resolved.
 */
export function linkedPackages(folder: string): OwnPackages {
  const link = (path: string) => `file:${relative(folder, path).split(sep).join('/')}`;
  // Only present in a checkout; an installed Bulkhead uses those on npm.
  const tools = join(packageRoot(), 'plugin-tools');
  return {
    api: link(ownApiPackage()),
    bulkhead: link(packageRoot()),
    tools: existsSync(tools) ? link(tools) : publishedPackages().tools,
  };
}

/** The oldest API for a plugin written against the one here: its minor version. */
export function engineRange(): string {
  const [major, minor] = versionOf(ownApiPackage()).split('.');
  return `^${major}.${minor}.0`;
}

function versionOf(folder: string): string {
  const { name, version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
    name: string;
    version: string;
  };
  if (name !== API_PACKAGE && name !== 'bulkhead') throw new Error(`${folder} is not Bulkhead's`);
  return version;
}
