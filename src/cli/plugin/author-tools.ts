import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { PluginTools } from '../../plugin-tools/plugin-tools.js';
import { readPackageJson } from '../../plugins/read-package-json.js';
import { BulkheadError, ErrorCodes } from '../../protocol/errors.js';
import { version } from '../../version.js';

/** The package that only authors of plugins need, so that streamers do not download mocha, esbuild and so on. */
export const TOOLS_PACKAGE = '@bulkhead/plugin-tools';

interface InstalledTools {
  readonly version: string;
  /** @throws `plugin.toolsMissing` if one of its dependencies is missing. */
  readonly load: () => PluginTools;
}

/**
 * Runs an author's command with the tools.
 *
 * @param folder The plugin's, absolute.
 * @throws `plugin.toolsMissing`, or `process.versionMismatch` if only another version of the tools was found.
 */
export async function withPluginTools<T>(
  folder: string,
  work: (tools: PluginTools) => Promise<T>,
): Promise<T> {
  const importers = [import.meta.url, join(folder, 'package.json')];
  return withOwnErrors(findTools(folder, importers).load(), work);
}

/** Runs `work`, and converts errors of the tools to this program's own error class. */
export async function withOwnErrors<Tools extends Pick<PluginTools, 'errorData'>, T>(
  tools: Tools,
  work: (tools: Tools) => Promise<T>,
): Promise<T> {
  try {
    return await work(tools);
  } catch (error) {
    const data = tools.errorData(error);
    throw data === undefined ? error : BulkheadError.fromData(data);
  }
}

/**
 * The first tools with this program's version.
 *
 * @param importers Files from which Node's package lookup is done, in this order: packages installed next to this
 * program take precedence over those in the plugin's folder, which may come from someone else.
 */
export function findTools(folder: string, importers: readonly string[]): InstalledTools {
  const found = importers
    .map((importer) => installedTools(folder, importer))
    .filter((tools) => tools !== undefined);
  const [other] = found;
  if (other === undefined) throw missing(folder, 'is not installed');
  const same = found.find((tools) => tools.version === version);
  if (same === undefined) throw otherVersion(folder, other.version);
  return same;
}

function installedTools(folder: string, importer: string): InstalledTools | undefined {
  const importFrom = createRequire(importer);
  let found: string;
  try {
    const manifest = readFileSync(importFrom.resolve(`${TOOLS_PACKAGE}/package.json`), 'utf8');
    found = String((JSON.parse(manifest) as { readonly version?: unknown }).version);
  } catch {
    return undefined;
  }
  return {
    version: found,
    load: () => {
      try {
        return (importFrom(TOOLS_PACKAGE) as { readonly tools: PluginTools }).tools;
      } catch (error) {
        const [reason = ''] = (error as Error).message.split('\n');
        throw missing(folder, `cannot be loaded: ${reason}`);
      }
    },
  };
}

function missing(folder: string, how: string): BulkheadError {
  return new BulkheadError(
    ErrorCodes.pluginToolsMissing,
    `this command needs the package ${TOOLS_PACKAGE}, which ${how}`,
    { remedy: `Run in ${folder}: ${isNamed(folder) ? 'npm install' : installCommand()}` },
  );
}

function otherVersion(folder: string, found: string): BulkheadError {
  return new BulkheadError(
    ErrorCodes.versionMismatch,
    `${TOOLS_PACKAGE} is ${found}, and bulkhead ${version}; expected the same version`,
    { remedy: `Run in ${folder}: ${installCommand()}` },
  );
}

function installCommand(): string {
  return `npm install --save-dev ${TOOLS_PACKAGE}@${version}`;
}

/** Whether the plugin's package.json already depends on the tools. */
function isNamed(folder: string): boolean {
  const { devDependencies } = (readPackageJson(folder) ?? {}) as { readonly devDependencies?: object };
  return typeof devDependencies === 'object' && devDependencies !== null && TOOLS_PACKAGE in devDependencies;
}
