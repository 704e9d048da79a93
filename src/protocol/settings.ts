import { MessageDirection, ProtocolRequestType } from 'vscode-languageserver-protocol';
import type { SettingOrigins, SettingValue } from './plugin-configuration.js';
import type { DeclaredSetting } from './setting-declaration.js';

// Settings of plugins that are changed while the core runs.

/** One setting of a plugin that runs. */
export interface PluginSetting extends SettingOrigins {
  /** Id of the plugin. */
  readonly plugin: string;
  /** Its name, as in `pluginSettings` of the configuration. */
  readonly key: string;
  readonly type: DeclaredSetting['type'];
  /** Its name for the streamer, and what it does, as the manifest says. */
  readonly title?: string | undefined;
  readonly description?: string | undefined;
  /** As the plugin has it; null where nothing says one, and of a secret always. */
  readonly value: SettingValue | null;
  /** Whether it was changed on air, in this broadcast or before. */
  readonly isChanged: boolean;
  /** Of a secret alone: whether there is one. */
  readonly isSet?: boolean;
}

export interface SettingList {
  /** Real path of the configuration file of the broadcast; `default` without one. */
  readonly show: string;
  readonly settings: readonly PluginSetting[];
  /** What upgrades of plugins have made of settings in that file, and is not in it yet. Value null: it is to be removed. */
  readonly upgraded?: readonly UpgradedSetting[];
  /** The same of keybindings in it. */
  readonly upgradedKeybindings?: readonly UpgradedKeybinding[];
}

export interface UpgradedSetting extends SettingIdParams {
  readonly value: SettingValue | null;
}

export interface UpgradedKeybinding {
  /** As it is in the file. */
  readonly before: {
    readonly key: string;
    readonly command: string;
    readonly args?: unknown;
    readonly when?: string | undefined;
  };
  readonly command: string;
  /** Without it there are none, as in the file. */
  readonly args?: unknown;
}

export interface SettingIdParams {
  readonly plugin: string;
  readonly key: string;
}

export interface SetSettingParams extends SettingIdParams {
  /** Null for the default. */
  readonly value: SettingValue | null;
}

/** The settings of the plugins that run. Plugins have a change when its method resolves. */
export interface SettingManagement {
  list(): Promise<SettingList>;
  /** Fails with `plugin.failed` where there is no such plugin, and with `config.invalid`; then nothing has changed. */
  set(params: SetSettingParams): Promise<SettingList>;
  /** Goes back to the configuration. */
  reset(): Promise<SettingList>;
  /** The configuration file says of this setting now what is on air. */
  noteSaved(params: SettingIdParams): Promise<SettingList>;
}

export namespace ListSettingsRequest {
  export const method = 'setting/list' as const;
  export const messageDirection = MessageDirection.clientToServer;
  export const type = new ProtocolRequestType<Record<string, never>, SettingList, never, void, void>(method);
}

export namespace SetSettingRequest {
  export const method = 'setting/set' as const;
  export const messageDirection = MessageDirection.clientToServer;
  export const type = new ProtocolRequestType<SetSettingParams, SettingList, never, void, void>(method);
}

export namespace ResetSettingsRequest {
  export const method = 'setting/reset' as const;
  export const messageDirection = MessageDirection.clientToServer;
  export const type = new ProtocolRequestType<Record<string, never>, SettingList, never, void, void>(method);
}

export namespace SavedSettingRequest {
  export const method = 'setting/saved' as const;
  export const messageDirection = MessageDirection.clientToServer;
  export const type = new ProtocolRequestType<SettingIdParams, SettingList, never, void, void>(method);
}
