import type { RecordingStatus } from '@bulkhead/extension-api';
import type { Disposable } from 'vscode-jsonrpc';
import { Emitter, type Event } from '../base/event.js';
import { FollowRecordingRequest, RecordingChangedNotification } from '../protocol/plugin-recording.js';
import type { RpcConnection } from '../rpc/rpc-connection.js';
import type { PluginScope } from './plugin-scope.js';

/** What the core says of the recording to this host. Its pair in the core is `MainThreadRecording`. */
export class ExtHostRecording implements Disposable {
  private readonly changeEmitter = new Emitter<RecordingStatus>();
  readonly onDidChange: Event<RecordingStatus> = this.changeEmitter.event;

  constructor(private readonly connection: RpcConnection) {
    connection.onNotification(RecordingChangedNotification.type, (status) =>
      this.changeEmitter.fire(Object.freeze(status)),
    );
  }

  /** Has the core tell the host of changes, if the plugin may know of them. */
  follow(scope: PluginScope): void {
    const followed = this.connection.sendRequest(FollowRecordingRequest.type, { plugin: scope.id });
    scope.track('listening to the recording', followed);
  }

  dispose(): void {
    this.changeEmitter.dispose();
  }
}
