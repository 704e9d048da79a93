import {
  DidChangeConfigurationNotification,
  MessageDirection,
  ProtocolNotificationType,
  ProtocolRequestType,
} from 'vscode-languageserver-protocol';
import type { FromPlugin } from './extension-host.js';

// Between `MainThreadConfiguration` and `ExtHostConfiguration`.

/** The value of one setting, plain JSON: its type is declared by the plugin. */
export type SettingValue = string | number | boolean | object;

/** Every setting that a plugin declares: its value as changed on air, else as configured, else its default, else null. */
export type PluginSettings = Readonly<Record<string, SettingValue | null>>;

/** Where the value of a setting could come from. */
export interface SettingOrigins {
  /** By the plugin's manifest. */
  readonly default?: SettingValue;
  /** By the broadcast's configuration file. */
  readonly configured?: SettingValue;
}

export interface PluginSettingsParams {
  /** By plugin id; all of the host's plugins. */
  readonly settings: Readonly<Record<string, PluginSettings>>;
  /** The same. */
  readonly origins: Readonly<Record<string, Readonly<Record<string, SettingOrigins>>>>;
  /** Names of the settings that are secrets, which have no value here. */
  readonly secrets: Readonly<Record<string, readonly string[]>>;
}

/** Core → host: the settings of its plugins, before any of them is activated and at each change. */
export namespace PluginSettingsNotification {
  export const method = DidChangeConfigurationNotification.method;
  export const messageDirection = MessageDirection.clientToServer;
  export const type = new ProtocolNotificationType<PluginSettingsParams, void>(method);
}

export interface UpdateSettingParams extends FromPlugin {
  readonly key: string;
  /** Null for the default. */
  readonly value: SettingValue | null;
}

/** Host → core: changes a setting of the plugin on air. The settings are sent before the answer. Fails with `config.invalid`. */
export namespace UpdateSettingRequest {
  export const method = 'configuration/update' as const;
  export const messageDirection = MessageDirection.serverToClient;
  export const type = new ProtocolRequestType<UpdateSettingParams, null, never, void, void>(method);
}
