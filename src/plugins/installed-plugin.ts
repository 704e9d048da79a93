import type { ApiProposal } from '../protocol/api-proposals.js';
import type { ExtensionMode, PluginDescription, PluginPackage } from '../protocol/extension-host.js';
import type { InspectorOptions } from '../protocol/inspector.js';
import type { Permission } from '../protocol/permissions/permissions.js';
import type { IsolationTier } from '../protocol/status/extension-host-status.js';
import type { Contributions } from './contributions.js';

/**
 * Where a plugin comes from: its author's folder during development, a folder named by the broadcast's configuration, or
 * the library of installed plugins. Of two plugins with the same id, the one whose source is earlier in this list runs.
 */
export const PLUGIN_SOURCES = ['development', 'folder', 'library'] as const;
export type PluginSource = (typeof PLUGIN_SOURCES)[number];

/** A plugin on the disk, checked. Only the {@link PluginDescription} is sent to hosts. */
export interface InstalledPlugin extends PluginPackage {
  /** Its own name, which the names of its commands begin with: `chat` of `someone.chat`. */
  readonly name: string;
  /** All events, including implied ones. */
  readonly activationEvents: readonly string[];
  readonly contributes: Contributions;
  /** What its manifest asks for. */
  readonly permissions: readonly Permission[];
  /** What it may ask for while it runs. */
  readonly optionalPermissions: readonly Permission[];
  /**
   * The permissions that the streamer has granted; a folder named by the streamer has all that it asks for, except what is
   * optional. Replaced while the plugin runs, so it must be read at each check.
   */
  granted: readonly Permission[];
  /** Maximum size of its folder, MB. */
  readonly storageMb: number;
  readonly source: PluginSource;
  /** Proposed APIs that it may use: in development all that it names, else those of them that the streamer allows. */
  readonly apiProposals: readonly ApiProposal[];
  /** What its manifest or its package holds that is ignored here, or probably wrong; a line for each. */
  readonly warnings: readonly string[];
  /** Ids of the plugins to activate before it. */
  readonly extensionDependencies: readonly string[];
  /** Ids of those that it may use where they are there. */
  readonly optionalExtensionDependencies: readonly string[];
  /** Their packages of npm, by id, where the manifest names them. */
  readonly extensionPackages: Readonly<Record<string, string>>;
  /** The group that it wants to share its process with; undefined for a process of its own. */
  readonly hostGroup?: HostGroup;
  /** Its author debugs it; only in development. */
  readonly inspector?: InspectorOptions | undefined;
}

/** A group of plugins, as named by one of them. */
export interface HostGroup {
  /** `publisher/group`. */
  readonly name: string;
  /** Whether the plugin's main is an ES module rather than CommonJS. */
  readonly isModule: boolean;
}

/** The plugin's description for its host; `shared` is whether other plugins run in the same process, `mode` why it runs. */
export function describePlugin(
  plugin: InstalledPlugin,
  storagePath: string,
  tier: IsolationTier,
  {
    shared = false,
    mode = modeOf(plugin),
  }: { readonly shared?: boolean; readonly mode?: ExtensionMode } = {},
): PluginDescription {
  const { id, version, displayName, path, main, packageJson, enabledApiProposals, apiProposals, granted } =
    plugin;
  const { language, l10n } = plugin;
  return {
    ...{ id, version, displayName, path, main, packageJson, enabledApiProposals },
    ...{ storagePath, tier, mode, shared, apiProposals, granted },
    language,
    ...(l10n === undefined ? {} : { l10n }),
    seen: seenBy(plugin),
  };
}

function modeOf({ source }: Pick<InstalledPlugin, 'source'>): ExtensionMode {
  return source === 'development' ? 'development' : 'production';
}

/** Ids of the plugins whose exports the plugin may use: its own, and those that its manifest names. */
export function seenBy({
  id,
  extensionDependencies,
  optionalExtensionDependencies,
}: Pick<InstalledPlugin, 'id' | 'extensionDependencies' | 'optionalExtensionDependencies'>): string[] {
  return [...new Set([id, ...extensionDependencies, ...optionalExtensionDependencies])];
}

/** Proposed APIs that the streamer allows, by plugin. */
export type AllowedProposals = Readonly<Record<string, readonly ApiProposal[]>>;

/** The plugin with the proposed APIs that it may use. */
export function withProposals(plugin: InstalledPlugin, allowed: AllowedProposals): InstalledPlugin {
  const { id, enabledApiProposals, source } = plugin;
  const apiProposals = enabledApiProposals.filter(
    (proposal) => source === 'development' || allowed[id]?.includes(proposal) === true,
  );
  return { ...plugin, apiProposals };
}

/** Commands that exist before the plugin is active; running one activates it. */
export function announcedCommands({ activationEvents }: InstalledPlugin): string[] {
  const prefix = 'onCommand:';
  return activationEvents
    .filter((event) => event.startsWith(prefix))
    .map((event) => event.slice(prefix.length));
}
