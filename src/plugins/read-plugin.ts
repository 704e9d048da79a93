import { readFileSync, realpathSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import type { BulkheadError } from '../protocol/errors.js';
import { describeManifestIssue } from './describe-manifest-issue.js';
import type { InstalledPlugin } from './installed-plugin.js';
import { activationEventsOf, type Manifest, ManifestSchema } from './manifest.js';
import { pluginInvalid } from './plugin-error.js';

/** Endings of modules that Node loads on every supported version. */
const MODULE_ENDING = /\.(js|cjs|mjs)$/;

/** Larger than any package.json, bytes. */
const MAX_MANIFEST_BYTES = 1024 * 1024;

/** A plugin, or every mistake in it. */
export type PluginCheck =
  | { readonly plugin: InstalledPlugin; readonly errors: readonly [] }
  | { readonly plugin: undefined; readonly errors: readonly BulkheadError[] };

/** The `package.json` of a folder, parsed; undefined when there is none. Throws `plugin.invalid` when it is not JSON. */
export function readPackageJson(folder: string): unknown {
  const file = join(folder, 'package.json');
  let text: string;
  try {
    const { size } = statSync(file);
    if (size > MAX_MANIFEST_BYTES) throw pluginInvalid(file, `expected a package.json, got ${size} bytes`);
    text = readFileSync(file, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    if (code?.startsWith('plugin.')) throw error;
    throw pluginInvalid(file, `cannot be read: ${code ?? String(error)}`);
  }
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (error) {
    throw pluginInvalid(file, `expected JSON: ${(error as Error).message}`);
  }
}

/**
 * Checks a plugin's folder by its parsed `package.json`, as one that the streamer has named. Runs none of its code.
 *
 * @param shownAs What mistakes call the folder: the package that it has been unpacked from.
 */
export function checkPlugin(folder: string, packageJson: unknown, shownAs = folder): PluginCheck {
  const file = join(shownAs, 'package.json');
  const result = ManifestSchema.safeParse(packageJson, { reportInput: true });
  if (!result.success) {
    return {
      plugin: undefined,
      errors: result.error.issues
        .flatMap((issue) => describeManifestIssue(issue, packageJson))
        .map((message) => pluginInvalid(file, message)),
    };
  }
  const manifest = result.data;
  const path = realpathSync(folder);
  const main = findMain(path, manifest.main);
  if (typeof main !== 'string') {
    return { plugin: undefined, errors: [pluginInvalid(file, `main: ${main.problem}`, main.remedy)] };
  }
  const { version, contributes, permissions, storageMb, extensionDependencies, enabledApiProposals } =
    manifest;
  const id = pluginId(manifest);
  const plugin: InstalledPlugin = {
    id,
    version,
    displayName: manifest.displayName ?? id,
    path,
    main,
    activationEvents: activationEventsOf(manifest),
    contributes,
    permissions,
    granted: permissions,
    storageMb,
    source: 'folder',
    enabledApiProposals,
    apiProposals: [],
    extensionDependencies,
    ...(manifest.hostGroup === undefined
      ? {}
      : {
          hostGroup: { name: `${manifest.publisher}/${manifest.hostGroup}`, isModule: isModule(main, path) },
        }),
  };
  return { plugin, errors: [] };
}

/** Whether Node takes the file for an ES module: by its ending, else by the nearest `package.json`. */
function isModule(file: string, pluginFolder: string): boolean {
  if (!file.endsWith('.js')) return file.endsWith('.mjs');
  for (let folder = dirname(file); ; folder = dirname(folder)) {
    const packageJson = readPackageJson(folder);
    if (packageJson !== undefined) return (packageJson as { type?: unknown } | null)?.type === 'module';
    if (folder === pluginFolder) return false;
  }
}

function pluginId({ name, publisher }: Manifest): string {
  return publisher === undefined ? name : `${publisher}.${name}`;
}

/** Absolute path of the module, links resolved, or what is wrong with it. */
function findMain(
  folder: string,
  main: string,
): string | { readonly problem: string; readonly remedy?: string } {
  const outside = { problem: `expected a file in the plugin's folder, got "${main}"` };
  const named = resolve(folder, main);
  if (!isInside(folder, named)) return outside;
  if (!MODULE_ENDING.test(named)) {
    return { problem: `expected a module that ends in .js, .cjs or .mjs, got "${main}"` };
  }
  let file: string;
  try {
    file = realpathSync(named);
    if (!statSync(file).isFile()) return { problem: `expected a file, got "${main}"` };
  } catch {
    return { problem: `there is no file "${main}"`, remedy: 'Build the plugin, or correct "main".' };
  }
  return isInside(folder, file) ? file : outside;
}

function isInside(folder: string, file: string): boolean {
  const path = relative(folder, file);
  return path !== '' && path !== '..' && !path.startsWith(`..${sep}`) && resolve(folder, path) === file;
}
