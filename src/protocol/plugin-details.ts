import { MessageDirection, ProtocolRequestType } from 'vscode-languageserver-protocol';
import type { StorageUsage } from './plugin-storage.js';

/** The part of the control API that says more about one plugin than the list of all does, and takes its secrets. */

export interface PluginDetails {
  readonly id: string;
  /**
   * JSON Schema 2020-12 of its settings, for tools that draw forms: of what is in `pluginSettings` of the configuration, and of its secrets, which
   * are `"writeOnly": true` and belong elsewhere. `order`, `markdownDescription`, `enumDescriptions` and `patternErrorMessage` are
   * in it as its manifest has them.
   */
  readonly settings: Readonly<Record<string, unknown>>;
  /** Those that it declares, and those that it has stored. */
  readonly secrets: readonly PluginSecret[];
  readonly storage: StorageUsage;
}

/** A secret of a plugin, without its value: no request answers with that. */
export interface PluginSecret {
  readonly key: string;
  readonly isSet: boolean;
  /** Whether its manifest declares it for the streamer to set; otherwise the plugin has stored it itself. */
  readonly isDeclared: boolean;
}

export interface PluginIdParams {
  readonly id: string;
}

/** Most characters of a secret. */
export const MAX_SECRET_CHARACTERS = 16_384;

export interface SetSecretParams extends PluginIdParams {
  readonly key: string;
  /** Null removes it. */
  readonly value: string | null;
}

/** What is known of one plugin, by a core or, if none runs, of what is installed. */
export interface PluginRecords {
  /** @throws `plugin.notInstalled` */
  details(params: PluginIdParams): Promise<PluginDetails>;
  /**
   * Sets a secret that the plugin declares, or removes one that it has. Resolves once it has been written, and the plugin been told.
   *
   * @throws `plugin.notInstalled`, `config.invalid` where it has no such secret, `library.inUse`, `storage.quota`, `storage.failed`; then
   * nothing has changed
   */
  setSecret(params: SetSecretParams): Promise<null>;
}

export namespace PluginDetailsRequest {
  export const method = 'plugins/details' as const;
  export const messageDirection = MessageDirection.clientToServer;
  export const type = new ProtocolRequestType<PluginIdParams, PluginDetails, never, void, void>(method);
}

export namespace SetPluginSecretRequest {
  export const method = 'plugins/setSecret' as const;
  export const messageDirection = MessageDirection.clientToServer;
  export const type = new ProtocolRequestType<SetSecretParams, null, never, void, void>(method);
}
