import { nearest } from '../../config/nearest.js';
import { BulkheadError, ErrorCodes } from '../../protocol/errors.js';
import type {
  PluginDetails,
  PluginIdParams,
  PluginRecords,
  PluginSecret,
  SetSecretParams,
} from '../../protocol/plugin-details.js';
import type { StorageUsage } from '../../protocol/plugin-storage.js';
import { secretSettings } from '../declared-settings.js';
import type { InstalledPlugin } from '../installed-plugin.js';
import { joinErrors } from '../plugin-error.js';
import { settingsJsonSchema } from '../settings-json-schema.js';
import type { PluginLibrary } from './plugin-library.js';
import type { RunningPlugins } from './running-plugins.js';

const MB = 1024 * 1024;

/** Where plugins' data is stored. */
export interface PluginData {
  secrets(plugin: string): {
    keys(): Promise<string[]>;
    set(key: string, value: string | null): Promise<void>;
  };
  usage(plugin: string, filesQuotaBytes: number): Promise<StorageUsage>;
}

export interface StoredRecordsOptions {
  /** Whoever has it open may change what is stored. */
  readonly library: Pick<PluginLibrary, 'open' | 'get'>;
  readonly running: Pick<RunningPlugins, 'find' | 'plugins'>;
  readonly data: PluginData;
}

/** What plugins declare and have stored: in the core, and for a command when no core runs. */
export class StoredRecords implements PluginRecords {
  constructor(private readonly options: StoredRecordsOptions) {}

  async details({ id }: PluginIdParams): Promise<PluginDetails> {
    const plugin = this.pluginCalled(id);
    return {
      id,
      settings: settingsJsonSchema(plugin),
      secrets: await this.secretsOf(plugin),
      storage: await this.options.data.usage(id, plugin.storageMb * MB),
    };
  }

  async setSecret({ id, key, value }: SetSecretParams): Promise<null> {
    const { library, data } = this.options;
    const plugin = this.pluginCalled(id);
    const secrets = await this.secretsOf(plugin);
    const found = secrets.find((secret) => secret.key === key);
    if (found === undefined || (value !== null && !found.isDeclared)) throw noSuchSecret(id, key, secrets);
    await library.open();
    await data.secrets(id).set(key, value);
    return null;
  }

  private async secretsOf(plugin: InstalledPlugin): Promise<PluginSecret[]> {
    const declared = secretSettings(plugin);
    const stored = await this.options.data.secrets(plugin.id).keys();
    return [
      ...declared.map((key) => ({ key, isSet: stored.includes(key), isDeclared: true })),
      ...stored
        .filter((key) => !declared.includes(key))
        .map((key) => ({ key, isSet: true, isDeclared: false })),
    ];
  }

  /** @throws `plugin.notInstalled` */
  private pluginCalled(id: string): InstalledPlugin {
    const { library, running } = this.options;
    const plugin = running.find(id) ?? running.plugins.find((candidate) => candidate.id === id);
    if (plugin !== undefined) return plugin;
    const installed = library.get(id);
    if (installed.plugin === undefined) throw joinErrors(installed.errors);
    return installed.plugin;
  }
}

/** `config.invalid`, with the names that there are. */
export function noSuchSecret(id: string, key: string, secrets: readonly PluginSecret[]): BulkheadError {
  const declared = secrets.filter(({ isDeclared }) => isDeclared).map((secret) => secret.key);
  const meant = nearest(key, declared);
  const all = declared.map((name) => `"${name}"`).join(', ');
  return new BulkheadError(ErrorCodes.configInvalid, `the plugin "${id}" declares no secret "${key}"`, {
    where: id,
    remedy:
      meant !== undefined
        ? `Did you mean "${meant}"?`
        : all === ''
          ? 'It declares none; its other settings are in pluginSettings of the configuration.'
          : `It declares ${all}.`,
  });
}
