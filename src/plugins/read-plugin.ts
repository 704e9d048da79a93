import { realpathSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { isWithin } from '../base/is-within.js';
import { BulkheadError, ErrorCodes } from '../protocol/errors.js';
import type { PackageJson } from '../protocol/extension-host.js';
import { isCovered } from '../protocol/permissions/permissions.js';
import type { InstalledPlugin } from './installed-plugin.js';
import { parseManifestIn } from './localization/localize-manifest.js';
import { userLanguage } from './localization/user-language.js';
import { activationEventsOf, type Manifest } from './manifest.js';
import { pluginInvalid } from './plugin-error.js';
import { ownName, pluginId, publisherOf } from './plugin-name.js';
import { readPackageJson } from './read-package-json.js';

/** Extensions of modules that Node loads on every supported version. */
const MODULE_ENDING = /\.(js|cjs|mjs)$/;

/** A plugin, or every error in it. */
export type PluginCheck = {
  /** What its manifest has that is unknown here and ignored, a line for each. */
  readonly warnings: readonly string[];
} & (
  | { readonly plugin: InstalledPlugin; readonly errors: readonly [] }
  | { readonly plugin: undefined; readonly errors: readonly BulkheadError[] }
);

/**
 * Checks a plugin's folder with its parsed `package.json`, as a folder named by the streamer. Runs none of its
 * code.
 *
 * @param shownAs The folder's name in errors: the package that it has been unpacked from.
 * @param language Of its texts, such as `zh-cn`.
 */
export function checkPlugin(
  folder: string,
  packageJson: unknown,
  shownAs = folder,
  language = userLanguage.current,
): PluginCheck {
  const file = join(shownAs, 'package.json');
  const { manifest, mistakes, warnings } = parseManifestIn(language, folder, packageJson);
  if (manifest === undefined) {
    return { plugin: undefined, errors: mistakes.map((message) => pluginInvalid(file, message)), warnings };
  }
  try {
    return findPlugin(folder, manifest, packageJson as PackageJson, { file, warnings, language });
  } catch (error) {
    // A folder that cannot be read, or another package.json next to the plugin's code.
    return { plugin: undefined, errors: [BulkheadError.from(error, ErrorCodes.pluginInvalid)], warnings };
  }
}

function findPlugin(
  folder: string,
  manifest: Manifest,
  packageJson: PackageJson,
  {
    file,
    warnings,
    language,
  }: { readonly file: string; readonly warnings: readonly string[]; readonly language: string },
): PluginCheck {
  const path = realpathSync(folder);
  const main = findMain(path, manifest.main);
  if (typeof main !== 'string') {
    return {
      plugin: undefined,
      errors: [pluginInvalid(file, `main: ${main.problem}`, main.remedy)],
      warnings,
    };
  }
  const l10n = manifest.l10n === undefined ? undefined : resolve(path, manifest.l10n);
  if (l10n !== undefined && !isWithin(l10n, path)) {
    const message = `l10n: expected a folder in the plugin's folder, got "${manifest.l10n}"`;
    return { plugin: undefined, errors: [pluginInvalid(file, message)], warnings };
  }
  const { version, contributes, permissions, storageMb, enabledApiProposals } = manifest;
  const { extensionDependencies, optionalExtensionDependencies } = manifest;
  const optionalPermissions = manifest.optionalPermissions.filter((one) => !isCovered(one, permissions));
  const id = pluginId(manifest);
  const plugin: InstalledPlugin = {
    id,
    name: ownName(manifest),
    version,
    displayName: manifest.displayName ?? id,
    path,
    main,
    activationEvents: activationEventsOf(manifest),
    contributes,
    permissions,
    optionalPermissions,
    granted: permissions,
    storageMb,
    source: 'folder',
    enabledApiProposals,
    apiProposals: [],
    extensionDependencies,
    optionalExtensionDependencies,
    packageJson,
    extensionPackages: manifest.extensionPackages,
    warnings,
    language,
    ...(l10n === undefined ? {} : { l10n }),
    ...(manifest.hostGroup === undefined
      ? {}
      : {
          hostGroup: {
            name: `${publisherOf(manifest)}/${manifest.hostGroup}`,
            isModule: isModule(main, path),
          },
        }),
  };
  return { plugin, errors: [], warnings };
}

/** Whether Node treats the file as an ES module: by its extension, else by the nearest `package.json`. */
function isModule(file: string, pluginFolder: string): boolean {
  if (!file.endsWith('.js')) return file.endsWith('.mjs');
  for (let folder = dirname(file); ; folder = dirname(folder)) {
    const packageJson = readPackageJson(folder);
    if (packageJson !== undefined) return (packageJson as { type?: unknown } | null)?.type === 'module';
    if (folder === pluginFolder) return false;
  }
}

/** Absolute path of the module, links resolved, or the error. */
function findMain(
  folder: string,
  main: string,
): string | { readonly problem: string; readonly remedy?: string } {
  const outside = { problem: `expected a file in the plugin's folder, got "${main}"` };
  const named = resolve(folder, main);
  if (!isWithin(named, folder)) return outside;
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
  return isWithin(file, folder) ? file : outside;
}
