import type { ApiProposal } from '../protocol/api-proposals.js';
import type { IsolationTier } from '../protocol/control.js';
import type { PluginDescription, PluginPackage } from '../protocol/extension-host.js';
import type { Contributions } from './contributions.js';
import type { Permission } from './manifest.js';

/**
 * Where a plugin comes from: the author's folder while it is developed, a folder that the broadcast's configuration names,
 * or the library of installed plugins. Of two with one id the earlier in this list runs.
 */
export const PLUGIN_SOURCES = ['development', 'folder', 'library'] as const;
export type PluginSource = (typeof PLUGIN_SOURCES)[number];

/** A plugin on the disk, checked. What hosts are told of it is the {@link PluginDescription} alone. */
export interface InstalledPlugin extends PluginPackage {
  /** Every one, the implied ones too. */
  readonly activationEvents: readonly string[];
  readonly contributes: Contributions;
  /** What its manifest asks for. */
  readonly permissions: readonly Permission[];
  /**
   * What of it the streamer has granted, and all that the core lets it do. For a folder that the streamer has named that is
   * everything. It is replaced while the plugin runs: whoever checks it reads it anew.
   */
  granted: readonly Permission[];
  /** Most that it may keep in its folder, MB. */
  readonly storageMb: number;
  readonly source: PluginSource;
  /** Proposed APIs that it may use: in development those that it names, else those of them that the streamer allows. */
  readonly apiProposals: readonly ApiProposal[];
  /** Ids of the plugins that are activated before it. */
  readonly extensionDependencies: readonly string[];
  /** With whom it wants to share its process; undefined for a plugin that is to be alone. */
  readonly hostGroup?: HostGroup;
}

/** A group of plugins, as one of them names it. */
export interface HostGroup {
  /** `publisher/group`. */
  readonly name: string;
  /** Whether the plugin's main is an ES module, and not CommonJS. */
  readonly isModule: boolean;
}

/** What a host is told of the plugin; `shared` is whether others are in the same process. */
export function describePlugin(
  { id, version, displayName, path, main, enabledApiProposals, apiProposals, source }: InstalledPlugin,
  storagePath: string,
  tier: IsolationTier,
  shared = false,
): PluginDescription {
  const development = source === 'development';
  return {
    id,
    version,
    displayName,
    path,
    main,
    enabledApiProposals,
    storagePath,
    tier,
    development,
    shared,
    apiProposals,
  };
}

/** What the streamer lets plugins use of the proposed API, by plugin. */
export type AllowedProposals = Readonly<Record<string, readonly ApiProposal[]>>;

/** The plugin with the proposed APIs that it may use. */
export function withProposals(plugin: InstalledPlugin, allowed: AllowedProposals): InstalledPlugin {
  const { id, enabledApiProposals, source } = plugin;
  const apiProposals = enabledApiProposals.filter(
    (proposal) => source === 'development' || allowed[id]?.includes(proposal) === true,
  );
  return { ...plugin, apiProposals };
}

/** Commands of the plugin that are there before it is active; running one activates it. */
export function announcedCommands({ activationEvents }: InstalledPlugin): string[] {
  const prefix = 'onCommand:';
  return activationEvents
    .filter((event) => event.startsWith(prefix))
    .map((event) => event.slice(prefix.length));
}
