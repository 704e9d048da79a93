import type { Disposable } from 'vscode-jsonrpc';
import { Emitter, type Event } from '../base/event.js';
import {
  type DevelopedPlugin,
  type DevelopmentLogEntry,
  DevelopmentLogNotification,
  DevelopPluginRequest,
  ReloadPluginRequest,
} from '../protocol/plugin-development.js';
import type { RpcConnection } from '../rpc/rpc-connection.js';

/** The previous plugin may use all of its deadlines to end, and the next one to become active, ms. */
const deadline = { deadlineMs: 60_000 };

/** Plugins that a running core runs from their authors' folders, until the connection to it closes. */
export class RemoteDevelopment implements Disposable {
  private readonly logEmitter = new Emitter<DevelopmentLogEntry>();
  readonly onDidLog: Event<DevelopmentLogEntry> = this.logEmitter.event;

  constructor(private readonly connection: RpcConnection) {
    connection.onNotification(DevelopmentLogNotification.type, (entry) => this.logEmitter.fire(entry));
  }

  /** @param folder Absolute path. @throws `plugin.invalid` with every error in the folder. */
  develop(folder: string): Promise<DevelopedPlugin> {
    return this.connection.sendRequest(DevelopPluginRequest.type, { folder }, deadline);
  }

  /** @throws `plugin.invalid` with every error in the folder; then the running plugin is not changed. */
  reload(id: string): Promise<DevelopedPlugin> {
    return this.connection.sendRequest(ReloadPluginRequest.type, { id }, deadline);
  }

  dispose(): void {
    this.logEmitter.dispose();
  }
}
