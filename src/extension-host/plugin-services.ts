import type { Disposable } from 'vscode-jsonrpc';
import type { RpcConnection } from '../rpc/rpc-connection.js';
import { ExtHostBroadcast } from './ext-host-broadcast.js';
import { ExtHostCommands } from './ext-host-commands.js';
import { ExtHostConfiguration } from './ext-host-configuration.js';
import { ExtHostProfile } from './ext-host-profile.js';
import { ExtHostProgress } from './ext-host-progress.js';
import { ExtHostSecrets } from './ext-host-secrets.js';
import { ExtHostStatusItems } from './ext-host-status-items.js';
import { ExtHostStorage } from './ext-host-storage.js';
import { ExtHostWindow } from './ext-host-window.js';

/** The host's side of every API namespace, and of parts of the context. Add new ones here. */
export class PluginServices implements Disposable {
  readonly broadcast = new ExtHostBroadcast(this.connection);
  readonly commands = new ExtHostCommands(this.connection);
  readonly configuration = new ExtHostConfiguration(this.connection);
  readonly profile = new ExtHostProfile(this.connection);
  readonly progress = new ExtHostProgress(this.connection);
  readonly secrets = new ExtHostSecrets(this.connection);
  readonly statusItems = new ExtHostStatusItems(this.connection);
  readonly storage = new ExtHostStorage(this.connection);
  readonly window = new ExtHostWindow(this.connection);

  constructor(private readonly connection: RpcConnection) {}

  dispose(): void {
    for (const item of [this.broadcast, this.configuration, this.profile]) item.dispose();
  }
}
