import type { Disposable } from 'vscode-jsonrpc';
import { Emitter, type Event } from '../base/event.js';
import type { InspectorOptions } from '../protocol/inspector.js';
import {
  type DevelopedPlugin,
  type DevelopmentLogEntry,
  DevelopmentLogNotification,
  DevelopPluginRequest,
  ReloadPluginRequest,
} from '../protocol/plugin-development.js';
import type { CallOptions, RpcConnection } from '../rpc/rpc-connection.js';

/** The previous plugin may use all of its deadlines to end, and the next one to become active, ms. */
const DEADLINE: CallOptions = { deadlineMs: 60_000 };
/** A plugin that is debugged may stand at a breakpoint. */
const NO_DEADLINE: CallOptions = { deadlineMs: Number.POSITIVE_INFINITY };

/** Plugins that a running core runs from their authors' folders, until the connection to it closes. */
export class RemoteDevelopment implements Disposable {
  private readonly logEmitter = new Emitter<DevelopmentLogEntry>();
  readonly onDidLog: Event<DevelopmentLogEntry> = this.logEmitter.event;

  private deadline = DEADLINE;

  constructor(private readonly connection: RpcConnection) {
    connection.onNotification(DevelopmentLogNotification.type, (entry) => this.logEmitter.fire(entry));
  }

  /**
   * @param folder Absolute path.
   * @param inspector Opened in the plugin's processes, for a debugger.
   * @throws `plugin.invalid` with every error in the folder; `config.invalid` if plugins cannot be inspected in this core.
   */
  develop(folder: string, inspector?: InspectorOptions): Promise<DevelopedPlugin> {
    if (inspector !== undefined) this.deadline = NO_DEADLINE;
    return this.connection.sendRequest(DevelopPluginRequest.type, { folder, inspector }, this.deadline);
  }

  /** @throws `plugin.invalid` with every error in the folder; then the running plugin is not changed. */
  reload(id: string): Promise<DevelopedPlugin> {
    return this.connection.sendRequest(ReloadPluginRequest.type, { id }, this.deadline);
  }

  dispose(): void {
    this.logEmitter.dispose();
  }
}
