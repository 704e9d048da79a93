import { isDeepStrictEqual } from 'node:util';
import type { ConfigurationChangeEvent, SettingValue } from '@bulkhead/extension-api';
import type { Disposable } from 'vscode-jsonrpc';
import { Emitter, type Event } from '../base/event.js';
import { BulkheadError, ErrorCodes } from '../protocol/errors.js';
import { type PluginSettings, PluginSettingsNotification } from '../protocol/plugin-configuration.js';
import type { RpcConnection } from '../rpc/rpc-connection.js';
import { deepFreeze } from './deep-freeze.js';
import type { PluginScope } from './plugin-scope.js';

interface SettingsChange {
  readonly plugin: string;
  readonly keys: readonly string[];
}

/** The `configuration` of this host's plugins. Its pair in the core is `MainThreadConfiguration`. */
export class ExtHostConfiguration implements Disposable {
  private settings: Readonly<Record<string, PluginSettings>> = {};
  private readonly changeEmitter = new Emitter<SettingsChange>();

  constructor(connection: RpcConnection) {
    connection.onNotification(PluginSettingsNotification.type, ({ settings }) =>
      this.update(deepFreeze(settings)),
    );
  }

  get<T extends SettingValue>(scope: PluginScope, key: string): T | undefined {
    const own = this.settings[scope.id] ?? {};
    if (!Object.hasOwn(own, key)) {
      throw new BulkheadError(ErrorCodes.pluginInvalid, `the plugin "${scope.id}" has no setting "${key}"`, {
        where: scope.id,
        remedy: 'Declare it in contributes.configuration.properties of its package.json.',
      });
    }
    // The core has checked the value against its declared type; that T is this type is up to the
    // plugin.
    return (own[key] ?? undefined) as T | undefined;
  }

  onDidChange({ id }: PluginScope): Event<ConfigurationChangeEvent> {
    return (listener) =>
      this.changeEmitter.event(({ plugin, keys }) => {
        if (plugin === id)
          listener(Object.freeze({ affectsConfiguration: (key: string) => keys.includes(key) }));
      });
  }

  private update(settings: Readonly<Record<string, PluginSettings>>): void {
    const before = this.settings;
    this.settings = settings;
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
