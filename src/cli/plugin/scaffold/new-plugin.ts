import { existsSync, mkdirSync, readdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { checkValue } from '../../../base/check-value.js';
import { packageRoot } from '../../../core/processes/entry-points.js';
import { ManifestSchema } from '../../../plugins/manifest.js';
import { pluginInvalid } from '../../../plugins/plugin-error.js';
import { ownName, pluginId } from '../../../plugins/plugin-name.js';
import { BulkheadError, ErrorCodes } from '../../../protocol/errors.js';
import {
  engineRange,
  isCheckout,
  linkedPackages,
  type OwnPackages,
  publishedPackages,
} from './own-packages.js';

export const LICENSES = ['MIT', 'UNLICENSED'] as const;

export interface NewPlugin {
  readonly name: string;
  /** Absolute path of the plugin's folder; created if necessary. */
  readonly folder: string;
  readonly publisher?: string | undefined;
  /** `UNLICENSED`: others may not use it. */
  readonly license: (typeof LICENSES)[number];
  /**
   * Whether to depend on the running copy of Bulkhead instead of the npm package; by default if it is not from npm.
   */
  readonly link?: boolean | undefined;
}

export interface WrittenPlugin {
  /** Paths in the folder, in order. */
  readonly files: readonly string[];
  /** Whether it depends on the running copy of Bulkhead. */
  readonly linked: boolean;
}

/** Names that npm would not pack, or would interpret, if the template's files had them. */
const REAL_NAMES: Readonly<Record<string, string>> = {
  gitignore: '.gitignore',
  github: '.github',
  vscode: '.vscode',
};

/**
 * Writes a plugin that passes its own tests. Existing files are not changed.
 *
 * @throws `plugin.invalid` for an invalid name, or if a file already exists: then nothing is written.
 */
export function writeNewPlugin(plugin: NewPlugin): WrittenPlugin {
  const { name, publisher, folder, license } = plugin;
  checkField('name', name);
  if (publisher !== undefined) checkField('publisher', publisher);
  const linked = plugin.link ?? isCheckout();
  const template = join(packageRoot(), 'templates', 'plugin');
  const sources = readdirSync(template, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && (entry.name !== 'LICENSE' || license === 'MIT'))
    .map((entry) => relative(template, join(entry.parentPath, entry.name)).split(sep));
  const files = sources
    .map((parts) => ({ source: parts, path: parts.map((part) => REAL_NAMES[part] ?? part).join('/') }))
    .sort((a, b) => (a.path < b.path ? -1 : 1));
  const there = files.filter(({ path }) => existsSync(join(folder, path))).map(({ path }) => path);
  if (there.length > 0) {
    throw pluginInvalid(
      folder,
      `expected a folder without ${there.join(', ')}`,
      'Nothing was written. Give another folder.',
    );
  }
  makeFolder(folder);
  const values = placeholdersFor(plugin, linked ? linkedPackages(realpathSync(folder)) : publishedPackages());
  for (const { source, path } of files) {
    const file = join(folder, path);
    mkdirSync(dirname(file), { recursive: true });
    const text = fillIn(readFileSync(join(template, ...source), 'utf8'), values, path.endsWith('.json'));
    writeFileSync(file, path === 'package.json' ? withPublisher(text, publisher) : text, { flag: 'wx' });
  }
  return { files: files.map(({ path }) => path), linked };
}

function checkField(field: 'name' | 'publisher', value: string): void {
  const { error } = checkValue(ManifestSchema.shape[field], value);
  if (error === undefined) return;
  const expected = error.issues[0]?.message ?? 'expected another one';
  throw new BulkheadError(ErrorCodes.pluginInvalid, `${field}: ${expected}, got "${value}"`, {
    where: field,
  });
}

function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true });
  } catch (error) {
    throw pluginInvalid(folder, `cannot be made: ${(error as NodeJS.ErrnoException).code}`);
  }
}

function placeholdersFor(
  { name, publisher, license }: NewPlugin,
  own: OwnPackages,
): Readonly<Record<string, string>> {
  const command = ownName({ name });
  const displayName = command.replaceAll(/[-_.]+/g, ' ');
  return {
    ...own,
    name,
    command,
    license,
    id: pluginId({ name, publisher }),
    displayName: displayName.charAt(0).toUpperCase() + displayName.slice(1),
    engine: engineRange(),
    year: String(new Date().getFullYear()),
    holder: publisher ?? `the authors of ${name}`,
  };
}

function fillIn(text: string, values: Readonly<Record<string, string>>, json: boolean): string {
  return text.replaceAll(/\{\{(\w+)\}\}/g, (_, name: string) => {
    const value = values[name];
    if (value === undefined) throw new Error(`the template asks for "${name}"`);
    return json ? JSON.stringify(value).slice(1, -1) : value;
  });
}

function withPublisher(text: string, publisher: string | undefined): string {
  const { name, ...rest } = JSON.parse(text) as Record<string, unknown>;
  return `${JSON.stringify({ name, ...(publisher !== undefined && { publisher }), ...rest }, null, 2)}\n`;
}
