import type { Disposable } from 'vscode-jsonrpc/node';
import { Emitter, type Event } from '../base/event.js';
import { ProfileNotification, ReadProfileStateRequest } from '../protocol/plugin-storage.js';
import type { RpcConnection } from '../rpc/rpc-connection.js';
import type { PluginScope } from './plugin-scope.js';
import { StoredMemento } from './stored-memento.js';
import { writeState } from './write-state.js';

/** The profile, and the `profileState` of this host's plugins. Its pair in the core is `MainThreadStorage`. */
export class ExtHostProfile implements Disposable {
  /** As seen by plugins: updated once the stored values of a new profile have been read. */
  current = 'default';
  private latest: string | undefined;
  private readonly mementos = new Map<StoredMemento, PluginScope>();
  private readonly changeEmitter = new Emitter<string>();
  readonly onDidChange: Event<string> = this.changeEmitter.event;

  constructor(private readonly connection: RpcConnection) {
    connection.onNotification(ProfileNotification.type, ({ profile }) => {
      const first = this.latest === undefined;
      this.latest = profile;
      if (first) this.current = profile;
      else void this.change(profile);
    });
  }

  createMemento(scope: PluginScope): StoredMemento {
    const plugin = scope.id;
    let readFor = this.current;
    const memento: StoredMemento = new StoredMemento(scope, {
      read: async () => {
        const { profile, values } = await this.connection.sendRequest(ReadProfileStateRequest.type, {
          plugin,
        });
        readFor = profile;
        return values;
      },
      write: (key, value) => writeState(this.connection, { plugin, profile: readFor, key, value }),
    });
    this.mementos.set(memento, scope);
    scope.hold({ dispose: () => this.mementos.delete(memento) });
    return memento;
  }

  private async change(profile: string): Promise<void> {
    const what = `reading what is stored for the profile "${profile}"`;
    await Promise.all(
      [...this.mementos].map(([memento, scope]) =>
        memento.load().catch((error: unknown) => scope.report(what, error)),
      ),
    );
    if (this.latest !== profile || this.current === profile) return;
    this.current = profile;
    this.changeEmitter.fire(profile);
  }

  dispose(): void {
    this.changeEmitter.dispose();
  }
}
