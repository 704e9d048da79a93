import { formatBytes } from '../../base/format-bytes.js';
import { PackagePaths, pathProblem } from '../../plugins/library/package-paths.js';
import { PACKAGE_LIMITS } from '../../plugins/library/unpack.js';
import type { Finding, FindingDetails, Rule } from '../finding.js';
import { packageOf } from '../source/package-of.js';
import type { Subject } from '../subject.js';

/** Maximum size of one file, bytes. Media belongs on a server; no other file of a plugin is as large. */
export const MAX_FILE_BYTES = 16 * 1024 * 1024;

const error = (rule: Rule, details: FindingDetails): Finding => ({ severity: 'error', rule, ...details });
const warning = (rule: Rule, details: FindingDetails): Finding => ({ severity: 'warning', rule, ...details });

/** Checks that the package would be complete, and contain nothing that should not leave the author's folder. */
export function checkFiles(subject: Subject): Finding[] {
  return [
    ...checkLinks(subject),
    ...checkPaths(subject),
    ...checkSizes(subject),
    ...checkStrayPackages(subject),
    ...checkDependencies(subject),
    ...checkAddons(subject),
  ];
}

function checkLinks({ links }: Subject): Finding[] {
  return links.map(({ path, target, leavesPackage }): Finding => {
    const remedy = 'Put a copy of the file in its place, or leave the link out by "files" of package.json.';
    if (leavesPackage) {
      return error('files', { file: path, message: `is a link out of the plugin, to "${target}"`, remedy });
    }
    return {
      severity: 'warning',
      rule: 'files',
      file: path,
      message: `is a link, to "${target}", and would not be in the package`,
      remedy,
    };
  });
}

/** Checks that the paths can be unpacked on every system. */
function checkPaths({ files }: Subject): Finding[] {
  const paths = new PackagePaths();
  return files.flatMap(({ path }) => {
    const message = pathProblem(path) ?? paths.add(path, false);
    return message === undefined ? [] : [error('files', { file: path, message, remedy: 'Rename it.' })];
  });
}

function checkSizes({ files }: Subject): Finding[] {
  const remedy = 'Leave out what is not needed by "files" of package.json.';
  const total = files.reduce((sum, { bytes }) => sum + bytes, 0);
  const { unpackedBytes, files: most } = PACKAGE_LIMITS;
  return [
    ...files
      .filter(({ bytes }) => bytes > MAX_FILE_BYTES)
      .map(({ path, bytes }) =>
        error('files', {
          file: path,
          message: `is larger than a file of a plugin may be: ${formatBytes(bytes)} of ${formatBytes(MAX_FILE_BYTES)}`,
          remedy,
        }),
      ),
    ...(total > unpackedBytes
      ? [
          error('files', {
            file: '.',
            message: `all files together: ${formatBytes(total)} of ${formatBytes(unpackedBytes)}`,
            remedy,
          }),
        ]
      : []),
    ...(files.length > most
      ? [error('files', { file: '.', message: `${files.length} files of ${most}`, remedy })]
      : []),
  ];
}

/**
 * npm includes the plugin's own `node_modules` only according to `bundleDependencies`; nested ones are plain folders to it.
 */
function checkStrayPackages({ files }: Subject): Finding[] {
  const stray = new Set(
    files
      .filter(({ path }) => !path.startsWith('node_modules/'))
      .flatMap(({ path }) => /^.*?\/node_modules(?=\/)/.exec(path) ?? []),
  );
  return [...stray].map((file) =>
    error('files', {
      file,
      message: 'holds packages that are not bundled dependencies',
      remedy:
        'Leave the folder out by "files" of package.json, and name what is needed in "bundleDependencies".',
    }),
  );
}

/**
 * Bulkhead installs no dependencies: they must be in the plugin's package, or bundled into its code. Of those that the code
 * imports, `checkCode` says that they are missing.
 */
function checkDependencies({ packageJson, files, source }: Subject): Finding[] {
  const packed = new Set(files.map(({ path }) => path));
  const imported = new Set(source.packages.map(({ specifier }) => packageOf(specifier)));
  return Object.keys((packageJson['dependencies'] ?? {}) as object)
    .filter((name) => name !== '@bulkhead/extension-api' && !packed.has(`node_modules/${name}/package.json`))
    .filter((name) => !imported.has(name))
    .map((name) =>
      warning('dependencies', {
        file: 'package.json',
        message: `dependencies: "${name}" would not be in the package, and no code imports it: it is bundled, or not needed`,
        remedy: 'Name it in "devDependencies" instead.',
      }),
    );
}

/** Node's permission model, under which every plugin runs, forbids native code. */
function checkAddons({ files }: Subject): Finding[] {
  return files
    .filter(({ path }) => path.endsWith('.node'))
    .map(({ path }) =>
      warning('isolation', {
        file: path,
        message: 'is a native addon, which a plugin may not load',
        remedy: 'Use JavaScript or WebAssembly in its place, and leave it out by "files" of package.json.',
      }),
    );
}
