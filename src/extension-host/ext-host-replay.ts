import type { SavedReplay } from '@bulkhead/extension-api';
import type { Disposable } from 'vscode-jsonrpc';
import { Emitter, type Event } from '../base/event.js';
import { FollowReplaysRequest, ReplaySavedNotification } from '../protocol/plugin-replay.js';
import type { RpcConnection } from '../rpc/rpc-connection.js';
import type { PluginScope } from './plugin-scope.js';

/** What the core says of replays to this host. Its pair in the core is `MainThreadReplay`. */
export class ExtHostReplay implements Disposable {
  private readonly saveEmitter = new Emitter<SavedReplay>();
  readonly onDidSave: Event<SavedReplay> = this.saveEmitter.event;

  constructor(private readonly connection: RpcConnection) {
    connection.onNotification(ReplaySavedNotification.type, (saved) =>
      this.saveEmitter.fire(Object.freeze(saved)),
    );
  }

  /** Has the core tell the host of replays, if the plugin may know of them. */
  follow(scope: PluginScope): void {
    const followed = this.connection.sendRequest(FollowReplaysRequest.type, { plugin: scope.id });
    scope.track('listening to replays', followed);
  }

  dispose(): void {
    this.saveEmitter.dispose();
  }
}
