import type { InstalledPlugin } from '../plugins/installed-plugin.js';
import type { FoundLink, PackedFile } from './package/list-files.js';
import type { PluginSource } from './source/read-source.js';

/** A plugin whose manifest is right, and all that checks look at. */
export interface Subject {
  /** Absolute, links resolved. */
  readonly folder: string;
  readonly packageJson: Readonly<Record<string, unknown>>;
  readonly plugin: InstalledPlugin;
  readonly source: PluginSource;
  /** What a package of it would hold. */
  readonly files: readonly PackedFile[];
  readonly links: readonly FoundLink[];
}
