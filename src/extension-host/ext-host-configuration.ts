import { isDeepStrictEqual } from 'node:util';
import type { ConfigurationChangeEvent, InspectedSetting, SettingValue } from '@bulkhead/extension-api';
import type { Disposable } from 'vscode-jsonrpc';
import { Emitter, type Event } from '../base/event.js';
import { BulkheadError, ErrorCodes } from '../protocol/errors.js';
import {
  type PluginSettings,
  PluginSettingsNotification,
  type PluginSettingsParams,
  UpdateSettingRequest,
} from '../protocol/plugin-configuration.js';
import type { RpcConnection } from '../rpc/rpc-connection.js';
import { deepFreeze } from './deep-freeze.js';
import type { PluginScope } from './plugin-scope.js';
import { requireJson } from './require-json.js';

interface SettingsChange {
  readonly plugin: string;
  readonly keys: readonly string[];
}

/** The `configuration` of this host's plugins. Its pair in the core is `MainThreadConfiguration`. */
export class ExtHostConfiguration implements Disposable {
  private settings: Readonly<Record<string, PluginSettings>> = {};
  private origins: PluginSettingsParams['origins'] = {};
  private secrets: PluginSettingsParams['secrets'] = {};
  private readonly changeEmitter = new Emitter<SettingsChange>();

  constructor(private readonly connection: RpcConnection) {
    connection.onNotification(PluginSettingsNotification.type, (params) => this.take(deepFreeze(params)));
  }

  /** The core has checked the value against its declared type. */
  get(scope: PluginScope, key: string, defaultValue?: SettingValue): SettingValue | undefined {
    return this.declared(scope, key)[key] ?? defaultValue;
  }

  inspect(scope: PluginScope, key: string): InspectedSetting {
    const value = this.declared(scope, key)[key] ?? undefined;
    const origins = this.origins[scope.id] ?? {};
    const { default: defaultValue, configured } = Object.hasOwn(origins, key) ? (origins[key] ?? {}) : {};
    return {
      key,
      ...(value === undefined ? {} : { value }),
      ...(defaultValue === undefined ? {} : { defaultValue }),
      ...(configured === undefined ? {} : { configuredValue: configured }),
    };
  }

  /** Resolves when `get` returns the value: the core sends it before it answers. */
  async update(scope: PluginScope, key: string, value: SettingValue | undefined): Promise<void> {
    scope.checkActive();
    this.declared(scope, key);
    requireJson(value, 'the value');
    const params = { plugin: scope.id, key, value: value ?? null };
    await this.connection.sendRequest(UpdateSettingRequest.type, params);
  }

  /** All settings of the plugin, with this one among them. */
  private declared({ id }: PluginScope, key: string): PluginSettings {
    const own = this.settings[id] ?? {};
    if (Object.hasOwn(own, key)) return own;
    if (this.secrets[id]?.includes(key) === true) {
      throw new BulkheadError(
        ErrorCodes.pluginInvalid,
        `the setting "${key}" of the plugin "${id}" is a secret`,
        {
          where: id,
          remedy: `Read it by context.secrets.get("${key}").`,
        },
      );
    }
    throw new BulkheadError(ErrorCodes.pluginInvalid, `the plugin "${id}" has no setting "${key}"`, {
      where: id,
      remedy: 'Declare it in contributes.configuration.properties of its package.json.',
    });
  }

  onDidChange({ id }: PluginScope): Event<ConfigurationChangeEvent> {
    return (listener) =>
      this.changeEmitter.event(({ plugin, keys }) => {
        if (plugin === id)
          listener(Object.freeze({ affectsConfiguration: (key: string) => keys.includes(key) }));
      });
  }

  private take({ settings, origins, secrets }: PluginSettingsParams): void {
    const before = this.settings;
    this.settings = settings;
    this.origins = origins;
    this.secrets = secrets;
    for (const [plugin, own] of Object.entries(settings)) {
      const previous = before[plugin];
      if (previous === undefined) continue;
      const keys = Object.keys(own).filter((key) => !isDeepStrictEqual(own[key], previous[key]));
      if (keys.length > 0) this.changeEmitter.fire({ plugin, keys });
    }
  }

  dispose(): void {
    this.changeEmitter.dispose();
  }
}
