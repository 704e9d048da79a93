import type { Duplex } from 'node:stream';
import type { SourceFrame, SourceListChange, SourceStateChange } from '@bulkhead/extension-api';
import type { Disposable } from 'vscode-jsonrpc';
import { Emitter, type Event } from '../base/event.js';
import {
  FollowSourcesRequest,
  SourceListChangedNotification,
  SourcesChangedNotification,
} from '../protocol/plugin-sources.js';
import type { RpcConnection } from '../rpc/rpc-connection.js';
import { deepFreeze } from './deep-freeze.js';
import { FrameSender } from './frame-sender.js';
import type { PluginScope } from './plugin-scope.js';

/** What the core says of the scenes' sources to this host. Its pair in the core is `MainThreadSources`. */
export class ExtHostSources implements Disposable {
  private readonly emitter = new Emitter<SourceStateChange>();
  readonly onDidChangeState: Event<SourceStateChange> = this.emitter.event;
  private readonly listEmitter = new Emitter<SourceListChange>();
  readonly onDidChange: Event<SourceListChange> = this.listEmitter.event;

  private readonly frames: FrameSender;

  /** @param frames takes frames to the core */
  constructor(
    private readonly connection: RpcConnection,
    frames: Duplex | undefined,
  ) {
    this.frames = new FrameSender(connection, frames);
    connection.onNotification(SourcesChangedNotification.type, ({ changes }) => {
      for (const change of deepFreeze(changes)) this.emitter.fire(change);
    });
    connection.onNotification(SourceListChangedNotification.type, (change) =>
      this.listEmitter.fire(deepFreeze(change)),
    );
  }

  /** Has the core tell the host of states and of other sources, if the plugin may know of them. */
  follow(scope: PluginScope): void {
    const followed = this.connection.sendRequest(FollowSourcesRequest.type, { plugin: scope.id });
    scope.track('listening to the sources', followed);
  }

  /** Resolves when the next frame of the source may be sent. */
  async sendFrame(scope: PluginScope, id: string, frame: SourceFrame): Promise<void> {
    scope.checkActive();
    await this.frames.send(scope.id, String(id), frame);
  }

  dispose(): void {
    this.emitter.dispose();
    this.listEmitter.dispose();
  }
}
