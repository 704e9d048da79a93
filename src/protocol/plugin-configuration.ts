import {
  DidChangeConfigurationNotification,
  MessageDirection,
  ProtocolNotificationType,
} from 'vscode-languageserver-protocol';

// Between `MainThreadConfiguration` and `ExtHostConfiguration`.

/** The value of one setting, plain JSON: its type is declared by the plugin. */
export type SettingValue = string | number | boolean | object;

/** Every setting that a plugin declares: its configured value, else its default, else null. */
export type PluginSettings = Readonly<Record<string, SettingValue | null>>;

export interface PluginSettingsParams {
  /** By plugin id; all of the host's plugins. */
  readonly settings: Readonly<Record<string, PluginSettings>>;
}

/** Core → host: the settings of its plugins, before any of them is activated and at each change. */
export namespace PluginSettingsNotification {
  export const method = DidChangeConfigurationNotification.method;
  export const messageDirection = MessageDirection.clientToServer;
  export const type = new ProtocolNotificationType<PluginSettingsParams, void>(method);
}
