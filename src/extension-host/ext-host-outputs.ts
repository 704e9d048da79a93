import type { OutputChange } from '@bulkhead/extension-api';
import type { Disposable } from 'vscode-jsonrpc';
import { Emitter, type Event } from '../base/event.js';
import {
  FollowOutputsRequest,
  type OutputOnAir,
  OutputsChangedNotification,
} from '../protocol/plugin-outputs.js';
import type { RpcConnection } from '../rpc/rpc-connection.js';
import type { PluginScope } from './plugin-scope.js';

/** What the core says of the outputs to this host. Its pair in the core is `MainThreadOutputs`. */
export class ExtHostOutputs implements Disposable {
  private last: readonly OutputOnAir[] | undefined;
  private readonly changeEmitter = new Emitter<OutputChange>();
  readonly onDidChangeState: Event<OutputChange> = this.changeEmitter.event;

  constructor(private readonly connection: RpcConnection) {
    connection.onNotification(OutputsChangedNotification.type, ({ outputs }) => this.changed(outputs));
  }

  /** Has the core tell the host of changes, if the plugin may know of them. */
  follow(scope: PluginScope): void {
    const followed = this.connection.sendRequest(FollowOutputsRequest.type, { plugin: scope.id });
    scope.track(
      'listening to the outputs',
      followed.then((outputs) => {
        this.last ??= outputs;
      }),
    );
  }

  private changed(now: readonly OutputOnAir[]): void {
    const before = new Map((this.last ?? now).map((output) => [output.id, output]));
    this.last = now;
    for (const { id, state, error } of now) {
      const from = before.get(id)?.state;
      before.delete(id);
      if (from === state) continue;
      this.changeEmitter.fire(
        Object.freeze({ id, from, to: state, ...(error === undefined ? {} : { error }) }),
      );
    }
    for (const { id, state: from } of before.values())
      this.changeEmitter.fire(Object.freeze({ id, from, to: undefined }));
  }

  dispose(): void {
    this.changeEmitter.dispose();
  }
}
