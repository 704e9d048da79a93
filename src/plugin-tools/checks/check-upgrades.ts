import { readFileSync } from 'node:fs';
import semver from 'semver';
import type { InstalledPlugin } from '../../plugins/installed-plugin.js';
import { defaultLibraryFolder, PluginLibrary } from '../../plugins/library/plugin-library.js';
import type { Finding } from '../finding.js';
import type { Subject } from '../subject.js';

/**
 * Checks what became of the settings of an earlier version, if that is installed on this computer: what a script does cannot be told without running it,
 * but whether there are any.
 *
 * @param findInstalled The installed version.
 */
export function checkUpgrades(
  { plugin }: Pick<Subject, 'plugin'>,
  findInstalled: (id: string) => InstalledPlugin | undefined = findInLibrary,
): Finding[] {
  const before = findInstalled(plugin.id);
  if (before === undefined || !semver.lt(before.version, plugin.version)) return [];
  if (/\bupgrades\b/.test(readFileSync(plugin.main, 'utf8'))) return [];
  const { properties } = plugin.contributes.configuration;
  return Object.entries(before.contributes.configuration.properties).flatMap(([key, { type }]): Finding[] => {
    const now = Object.hasOwn(properties, key) ? properties[key]?.type : undefined;
    if (now === type) return [];
    const what = now === undefined ? 'is gone' : `has the type ${now}, and had ${type}`;
    return [
      {
        severity: 'warning',
        rule: 'settings',
        file: 'package.json',
        message: `the setting "${key}" of ${before.version}, which is installed here, ${what}, and no upgrade script says what becomes of it`,
        remedy:
          'Export "upgrades" from the module ("Upgrade scripts" in docs/plugin-reference.md), or declare it as before.',
      },
    ];
  });
}

function findInLibrary(id: string): InstalledPlugin | undefined {
  const library = new PluginLibrary(defaultLibraryFolder());
  try {
    library.read();
    return library.find(id)?.plugin;
  } catch {
    return undefined;
  }
}
