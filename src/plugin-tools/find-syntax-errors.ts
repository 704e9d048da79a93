import { readPackageJson } from '../plugins/read-package-json.js';
import { checkPlugin } from '../plugins/read-plugin.js';
import { syntaxFindings } from './checks/check-code.js';
import type { Finding } from './finding.js';
import { readSource } from './source/read-source.js';

/** Where the plugin's own code does not parse. Empty for a plugin that cannot be read: who loads it says why. */
export function findSyntaxErrors(folder: string): readonly Finding[] {
  try {
    const packageJson = readPackageJson(folder);
    const plugin = packageJson === undefined ? undefined : checkPlugin(folder, packageJson).plugin;
    return plugin === undefined ? [] : syntaxFindings(readSource(plugin));
  } catch {
    return [];
  }
}
