import { existsSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { API_PACKAGE, ownApiPackage } from '../../../core/extension-hosts/isolation/api-package.js';
import { packageRoot } from '../../../core/processes/entry-points.js';

/** What a new plugin's `devDependencies` say of Bulkhead's own packages. */
export interface OwnPackages {
  readonly api: string;
  readonly bulkhead: string;
  readonly tools: string;
}

/** Whether this Bulkhead was not installed by npm as somebody's dependency, but is run from where it is built. */
export function isCheckout(): boolean {
  return !packageRoot().split(sep).includes('node_modules');
}

/** As they are on npm, from the versions that run here. */
export function publishedPackages(): OwnPackages {
  const bulkhead = `^${versionOf(packageRoot())}`;
  return { api: `^${versionOf(ownApiPackage())}`, bulkhead, tools: bulkhead };
}

/**
 * The very packages that run here.
 *
 * @param folder The plugin's, links resolved.
 */
export function linkedPackages(folder: string): OwnPackages {
  const link = (path: string) => `file:${relative(folder, path).split(sep).join('/')}`;
  // Only a checkout has them; an installed Bulkhead takes those on npm.
  const tools = join(packageRoot(), 'plugin-tools');
  return {
    api: link(ownApiPackage()),
    bulkhead: link(packageRoot()),
    tools: existsSync(tools) ? link(tools) : publishedPackages().tools,
  };
}

/** The oldest API that a plugin needs which is written against the one here: its minor version. */
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
