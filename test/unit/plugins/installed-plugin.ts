import type { InstalledPlugin } from '../../../src/plugins/installed-plugin.js';

/** A plugin as found by discovery, but not on the disk. */
export function installedPlugin(id: string, change: Partial<InstalledPlugin> = {}): InstalledPlugin {
  return {
    id,
    name: id.replace(/^.*\./, ''),
    version: '1.0.0',
    displayName: id,
    path: `/plugins/${id}`,
    main: `/plugins/${id}/main.js`,
    activationEvents: ['onStartupFinished'],
    contributes: { commands: [], configuration: { properties: {} }, events: [], statusItems: [] },
    permissions: [],
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
    ...change,
  };
}
