import { realpathSync } from 'node:fs';
import { DEFAULT_LANGUAGE } from '../base/language.js';
import type { InstalledPlugin } from '../plugins/installed-plugin.js';
import { notAPlugin } from '../plugins/plugin-error.js';
import { readPackageJson } from '../plugins/read-package-json.js';
import { checkPlugin } from '../plugins/read-plugin.js';
import { checkApiVersion } from './checks/check-api-version.js';
import { checkCode } from './checks/check-code.js';
import { checkConditions } from './checks/check-conditions.js';
import { checkContributions } from './checks/check-contributions.js';
import { checkDealings } from './checks/check-dealings.js';
import { checkDocuments } from './checks/check-documents.js';
import { checkFiles } from './checks/check-files.js';
import { checkLocalization } from './checks/check-localization.js';
import { checkPermissions } from './checks/check-permissions.js';
import { checkSecrets } from './checks/check-secrets.js';
import { checkUpgrades } from './checks/check-upgrades.js';
import type { Finding } from './finding.js';
import { listFiles, type PackedFile } from './package/list-files.js';
import { readSource } from './source/read-source.js';
import type { Subject } from './subject.js';

export interface Inspection {
  /** Absent if the manifest is invalid. */
  readonly plugin?: InstalledPlugin;
  /** Content of its package, ordered by path. */
  readonly files: readonly PackedFile[];
  /** Errors first. */
  readonly findings: readonly Finding[];
}

const CHECKS: readonly ((subject: Subject) => readonly Finding[] | Promise<readonly Finding[]>)[] = [
  checkCode,
  checkContributions,
  checkDealings,
  (subject) => checkUpgrades(subject),
  checkConditions,
  checkLocalization,
  checkPermissions,
  checkApiVersion,
  checkFiles,
  checkSecrets,
  checkDocuments,
];

const ORDER = { error: 0, unfinished: 1, warning: 2 } as const;

/**
 * Checks a plugin's source folder, without running any of its code.
 *
 * @throws `plugin.invalid` if there is no plugin.
 */
export async function inspectPlugin(folder: string): Promise<Inspection> {
  const packageJson = readPackageJson(folder);
  if (packageJson === undefined) throw notAPlugin(folder);
  const { plugin, errors, warnings } = checkPlugin(folder, packageJson, '', DEFAULT_LANGUAGE);
  const manifest = { rule: 'manifest', file: 'package.json' } as const;
  const ignored = warnings.map((message): Finding => ({ severity: 'warning', ...manifest, message }));
  if (plugin === undefined) {
    const mistakes = errors.map(({ message, remedy }): Finding => {
      return { severity: 'error', ...manifest, message: message.replace(/^package\.json: /, ''), remedy };
    });
    return { files: [], findings: [...mistakes, ...ignored] };
  }
  const path = realpathSync(folder);
  const subject: Subject = {
    folder: path,
    packageJson: packageJson as Subject['packageJson'],
    plugin,
    source: readSource(plugin),
    ...(await listFiles(path)),
  };
  const findings = [...ignored, ...(await Promise.all(CHECKS.map((check) => check(subject)))).flat()];
  return {
    plugin,
    files: subject.files,
    findings: findings.sort((a, b) => ORDER[a.severity] - ORDER[b.severity]),
  };
}
