import { ConfigError, type ConfigMistake } from '../config/config-error.js';
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
 * @returns Every error in the settings of installed plugins: they are updated apart from the file, and may upgrade what it says.
 * @throws ConfigError with every other error.
 */
export function checkPluginSettings({ config, where }: LoadedConfig): ConfigMistake[] {
  const { plugins } = discoverPlugins(config.plugins);
  const counting = countingPlugins([...plugins, ...installedPlugins()]);
  const mistakesOf = (isInstalled: boolean) => {
    const some = counting.filter(({ source }) => (source === 'library') === isInstalled);
    return findSettingMistakes(some, config.pluginSettings).map(({ path, message }) => ({
      where: where(path),
      message,
    }));
  };
  const mistakes = mistakesOf(false);
  if (mistakes.length > 0) throw new ConfigError(mistakes);
  return mistakesOf(true).map((mistake) => ({ ...mistake, message: `${mistake.message}${UPGRADED}` }));
}

const UPGRADED = '. If an update of the plugin has upgraded it, "bulkhead config migrate" corrects the file.';

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
