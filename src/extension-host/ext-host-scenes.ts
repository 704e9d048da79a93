import type { SceneSwitch } from '@bulkhead/extension-api';
import type { Disposable } from 'vscode-jsonrpc';
import { Emitter, type Event } from '../base/event.js';
import {
  FollowScenesRequest,
  ScenesChangedNotification,
  type ScenesOnAir,
} from '../protocol/plugin-scenes.js';
import type { RpcConnection } from '../rpc/rpc-connection.js';
import type { PluginScope } from './plugin-scope.js';

/** What the core says of the scenes to this host. Its pair in the core is `MainThreadScenes`. */
export class ExtHostScenes implements Disposable {
  private last: ScenesOnAir | undefined;
  private readonly changeEmitter = new Emitter<void>();
  private readonly switchEmitter = new Emitter<SceneSwitch>();
  readonly onDidChange: Event<void> = this.changeEmitter.event;
  readonly onDidSwitch: Event<SceneSwitch> = this.switchEmitter.event;

  constructor(private readonly connection: RpcConnection) {
    connection.onNotification(ScenesChangedNotification.type, (onAir) => this.changed(onAir));
  }

  /** Has the core tell the host of changes, if the plugin may know of them. */
  follow(scope: PluginScope): void {
    const followed = this.connection.sendRequest(FollowScenesRequest.type, { plugin: scope.id });
    scope.track(
      'listening to the scenes',
      followed.then((onAir) => {
        this.last ??= onAir;
      }),
    );
  }

  private changed(now: ScenesOnAir): void {
    const { onAir: from } = this.last ?? now;
    this.last = now;
    if (from !== now.onAir) this.switchEmitter.fire(Object.freeze({ from, to: now.onAir }));
    this.changeEmitter.fire();
  }

  dispose(): void {
    this.changeEmitter.dispose();
    this.switchEmitter.dispose();
  }
}
