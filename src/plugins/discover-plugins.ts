import { readdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { BulkheadError } from '../protocol/errors.js';
import { checkTogether } from './check-together.js';
import { countingPlugins } from './combine-plugins.js';
import type { InstalledPlugin } from './installed-plugin.js';
import { pluginInvalid } from './plugin-error.js';
import { readPackageJson } from './read-package-json.js';
import { checkPlugin } from './read-plugin.js';

/** Per folder, counting other entries than plugins as well. */
const MAX_PLUGINS = 500;

export interface Discovery {
  readonly plugins: readonly InstalledPlugin[];
  /** Every error found, each a `plugin.invalid`. */
  readonly errors: readonly BulkheadError[];
}

/**
 * Finds and checks plugins without running any of their code.
 *
 * @param folders Each a plugin (it has a `package.json` with `engines.bulkhead`), or a folder that contains
 * plugins.
 * @param beside Plugins of other sources, which these may depend on.
 */
export function discoverPlugins(
  folders: readonly string[],
  beside: readonly InstalledPlugin[] = [],
): Discovery {
  const plugins = new Map<string, InstalledPlugin>();
  const errors: BulkheadError[] = [];
  for (const folder of folders) {
    for (const candidate of pluginFolders(resolve(folder), errors)) {
      const check = checkPlugin(candidate.folder, candidate.packageJson);
      errors.push(...check.errors);
      if (check.plugin === undefined) continue;
      const { id, path } = check.plugin;
      const other = plugins.get(id);
      if (other === undefined) plugins.set(id, check.plugin);
      else if (other.path !== path) {
        errors.push(
          pluginInvalid(
            join(path, 'package.json'),
            `name: the plugin in ${other.path} has the id "${id}" too`,
            'Give only one of the two, or set another publisher.',
          ),
        );
      }
    }
  }
  const mistakes = checkTogether(countingPlugins([...plugins.values(), ...beside]));
  errors.push(...mistakes.filter(({ plugin }) => plugin.source === 'folder').map(({ error }) => error));
  return { plugins: [...plugins.values()], errors };
}

interface Candidate {
  readonly folder: string;
  readonly packageJson: unknown;
}

function pluginFolders(folder: string, errors: BulkheadError[]): Candidate[] {
  const attempt = <T>(read: () => T): T | undefined => {
    try {
      return read();
    } catch (error) {
      errors.push(BulkheadError.from(error));
      return undefined;
    }
  };
  const before = errors.length;
  attempt(() => checkFolder(folder));
  if (errors.length > before) return [];
  const packageJson = attempt(() => readPackageJson(folder));
  if (errors.length > before) return [];
  if (isPlugin(packageJson)) return [{ folder, packageJson }];

  const found: Candidate[] = [];
  for (const child of attempt(() => subfolders(folder)) ?? []) {
    const childJson = attempt(() => readPackageJson(child));
    if (isPlugin(childJson)) found.push({ folder: child, packageJson: childJson });
  }
  if (found.length === 0 && errors.length === before)
    errors.push(noPlugin(folder, packageJson !== undefined));
  return found;
}

function isPlugin(packageJson: unknown): boolean {
  const { engines } = (packageJson ?? {}) as { engines?: unknown };
  return typeof engines === 'object' && engines !== null && 'bulkhead' in engines;
}

function checkFolder(folder: string): void {
  let isFolder: boolean;
  try {
    isFolder = statSync(folder).isDirectory();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw pluginInvalid(folder, code === 'ENOENT' ? 'there is no such folder' : `cannot be read: ${code}`);
  }
  if (!isFolder) throw pluginInvalid(folder, "expected a plugin's folder, got a file");
}

function subfolders(folder: string): string[] {
  let names: string[];
  try {
    names = readdirSync(folder);
  } catch (error) {
    throw pluginInvalid(folder, `cannot be read: ${(error as NodeJS.ErrnoException).code}`);
  }
  const candidates = names.filter((name) => name !== 'node_modules' && !name.startsWith('.')).sort();
  if (candidates.length > MAX_PLUGINS) {
    throw pluginInvalid(
      folder,
      `expected a folder of at most ${MAX_PLUGINS} plugins, got ${candidates.length} files and folders`,
      'Name the folders of the plugins themselves, or one that holds nothing else.',
    );
  }
  return candidates.map((name) => join(folder, name));
}

function noPlugin(folder: string, hasPackageJson: boolean): BulkheadError {
  const remedy =
    'A plugin\'s package.json has at least name, version, main and engines, such as { "bulkhead": "^1.0.0" }.';
  return hasPackageJson
    ? pluginInvalid(
        join(folder, 'package.json'),
        'engines.bulkhead: missing; expected the versions of extension-api that the plugin works with, such as "^1.0.0"',
        remedy,
      )
    : pluginInvalid(
        folder,
        'expected a plugin, which has a package.json, or a folder that holds plugins',
        remedy,
      );
}
