import { ConfigError } from '../config/config-error.js';
import type { LoadedConfig } from '../config/load-config.js';
import { countingPlugins } from '../plugins/combine-plugins.js';
import { discoverPlugins } from '../plugins/discover-plugins.js';
import type { InstalledPlugin } from '../plugins/installed-plugin.js';
import { defaultLibraryFolder, PluginLibrary } from '../plugins/library/plugin-library.js';
import { findSettingMistakes } from '../plugins/settings.js';

/**
 * Checks the file's plugin settings here, where their line numbers are known. The core checks them again, and so do the
 * plugins.
 *
 * @throws ConfigError with every error.
 */
export function checkPluginSettings({ config, where }: LoadedConfig): void {
  const { plugins } = discoverPlugins(config.plugins);
  const mistakes = findSettingMistakes(
    countingPlugins([...plugins, ...installedPlugins()]),
    config.pluginSettings,
  );
  if (mistakes.length === 0) return;
  throw new ConfigError(mistakes.map(({ path, message }) => ({ where: where(path), message })));
}

/** The installed and enabled plugins of this user; none if the library cannot be read. */
export function installedPlugins(): InstalledPlugin[] {
  const library = new PluginLibrary(defaultLibraryFolder());
  try {
    library.read();
    return library.enabled();
  } catch {
    return [];
  }
}
