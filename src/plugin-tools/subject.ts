import type { InstalledPlugin } from '../plugins/installed-plugin.js';
import type { FoundLink, PackedFile } from './package/list-files.js';
import type { PluginSource } from './source/read-source.js';

/** A plugin with a valid manifest, and everything that the checks use. */
export interface Subject {
  /** Absolute, links resolved. */
  readonly folder: string;
  readonly packageJson: Readonly<Record<string, unknown>>;
  readonly plugin: InstalledPlugin;
  readonly source: PluginSource;
  /** Content of its package. */
  readonly files: readonly PackedFile[];
  readonly links: readonly FoundLink[];
}
