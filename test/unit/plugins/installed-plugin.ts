import type { Contributions } from '../../../src/plugins/contributions.js';
import type { InstalledPlugin } from '../../../src/plugins/installed-plugin.js';

/** A plugin as found by discovery, but not on the disk. @param change what it contributes besides nothing, and so on */
export function installedPlugin(
  id: string,
  {
    contributes,
    ...change
  }: Partial<Omit<InstalledPlugin, 'contributes'>> & { readonly contributes?: Partial<Contributions> } = {},
): InstalledPlugin {
  return {
    id,
    name: id.replace(/^.*\./, ''),
    version: '1.0.0',
    displayName: id,
    path: `/plugins/${id}`,
    main: `/plugins/${id}/main.js`,
    activationEvents: ['onStartupFinished'],
    contributes: {
      commands: [],
      keybindings: [],
      configuration: { properties: {} },
      events: [],
      statusItems: [],
      ...contributes,
    },
    permissions: [],
    optionalPermissions: [],
    granted: [],
    storageMb: 512,
    source: 'folder',
    extensionDependencies: [],
    optionalExtensionDependencies: [],
    packageJson: { name: id.replace(/^.*\./, ''), version: '1.0.0' },
    extensionPackages: {},
    enabledApiProposals: [],
    apiProposals: [],
    warnings: [],
    language: 'en',
    ...change,
  };
}
