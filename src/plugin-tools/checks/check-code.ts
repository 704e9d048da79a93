import { isBuiltin } from 'node:module';
import { BUNDLE_REMEDY } from '../../protocol/bundle-remedy.js';
import type { Finding } from '../finding.js';
import { packageOf } from '../source/package-of.js';
import type { ModuleImport } from '../source/read-module.js';
import type { Located, PluginSource } from '../source/read-source.js';
import type { Subject } from '../subject.js';

const API = '@bulkhead/extension-api';

/** Modules that Node's permission model, under which every plugin runs, forbids. */
const REFUSED: Readonly<Record<string, string>> = {
  child_process: 'run other programs',
  cluster: 'run other programs',
  worker_threads: 'start threads',
  wasi: 'use WASI',
  inspector: 'debug itself',
};

/**
 * Checks that the code can be loaded: its syntax, and everything that it imports. None of it runs.
 */
export function checkCode({ source, files }: Subject): Finding[] {
  const packed = new Set(files.map(({ path }) => path));
  return [
    ...syntaxFindings(source),
    ...source.missing.flatMap((found) =>
      missing(found, `there is no file "${found.specifier}" in the plugin`),
    ),
    ...source.modules
      .filter((module) => !packed.has(module))
      .map(
        (file): Finding => ({
          severity: 'error',
          rule: 'imports',
          file,
          message: 'is imported, and would not be in the package',
          remedy: 'Name it in "files" of package.json.',
        }),
      ),
    ...source.packages.flatMap((found) => checkPackage(found, packed)),
    ...source.addons.flatMap((found) =>
      missing(found, `"${found.specifier}" is a native addon, which a plugin may not load`),
    ),
  ];
}

export function syntaxFindings({ syntaxErrors }: Pick<PluginSource, 'syntaxErrors'>): Finding[] {
  return syntaxErrors.map(({ file, line, message }) => ({
    severity: 'error',
    rule: 'syntax',
    file,
    line,
    message,
  }));
}

function checkPackage(found: Located<ModuleImport>, packed: ReadonlySet<string>): Finding[] {
  const { specifier, file, line } = found;
  if (isBuiltin(specifier)) {
    const [name = ''] = specifier.replace(/^node:/, '').split('/');
    const refused = REFUSED[name];
    if (refused === undefined) return [];
    const message = `"${specifier}": a plugin may not ${refused}`;
    return [{ severity: 'warning', rule: 'isolation', file, line, message }];
  }
  const name = packageOf(specifier);
  if (name === API) {
    if (!specifier.startsWith(`${API}/testing`)) return [];
    const message = `"${specifier}" is for tests alone, and not there where the plugin runs`;
    return [{ severity: 'error', rule: 'imports', file, line, message }];
  }
  // Names within the package itself ("#…") are resolved by Node.
  if (name.startsWith('#') || packed.has(`node_modules/${name}/package.json`)) return [];
  return missing(found, `the package "${name}" would not be in the plugin's`, BUNDLE_REMEDY);
}

function missing({ file, line, need }: Located<ModuleImport>, message: string, remedy?: string): Finding[] {
  if (need === 'optional') return [];
  return [
    { severity: need === 'always' ? 'error' : 'warning', rule: 'imports', file, line, message, remedy },
  ];
}
