import { type CancellationToken, type Disposable, NotificationType, RequestType } from 'vscode-jsonrpc/node';
import { HostChannel } from '../../../src/core/main-thread/host-channel.js';
import type { MainThreadNamespace } from '../../../src/core/main-thread/main-thread-namespace.js';
import type { InstalledPlugin } from '../../../src/plugins/installed-plugin.js';
import { createInMemoryPair } from '../../../src/rpc/in-memory-pair.js';
import { RpcConnection } from '../../../src/rpc/rpc-connection.js';
import { SILENT_LOG } from '../../support/silent-log.js';

/** One namespace that serves a host simulated by the test. */
export class FakeHost implements Disposable {
  /** The host's end. */
  readonly connection: RpcConnection;
  /** The core's end. */
  readonly core: RpcConnection;
  /** The namespace's state for the host. */
  readonly served: Disposable;

  /** @param prepare Called before anything is sent or received. */
  constructor(
    namespace: MainThreadNamespace,
    plugins: readonly InstalledPlugin[],
    prepare: (host: RpcConnection) => void = () => {},
  ) {
    const [near, far] = createInMemoryPair();
    this.core = new RpcConnection(near, { peer: 'host' });
    this.connection = new RpcConnection(far, { peer: 'core' });
    prepare(this.connection);
    const channel = new HostChannel(this.core, new Set(plugins.map(({ id }) => id)));
    this.served = namespace.serve({ channel, plugins, log: SILENT_LOG });
    this.core.listen();
    this.connection.listen();
  }

  /** Sends a request, valid or not. */
  request(method: string, params: unknown, token?: CancellationToken): Promise<unknown> {
    const type = new RequestType<unknown, unknown, void>(method);
    return this.connection.sendRequest(type, params, token === undefined ? {} : { token });
  }

  /** Sends a notification, valid or not. */
  notify(method: string, params: unknown): void {
    this.connection.sendNotification(new NotificationType<unknown>(method), params);
  }

  dispose(): void {
    this.served.dispose();
    this.core.dispose();
    this.connection.dispose();
  }
}
