import type { Duplex } from 'node:stream';
import { type CancellationToken, type Disposable, NotificationType, RequestType } from 'vscode-jsonrpc/node';
import { Emitter } from '../../../src/base/event.js';
import { HostChannel } from '../../../src/core/main-thread/host-channel.js';
import type {
  ActivatedPlugin,
  MainThreadNamespace,
} from '../../../src/core/main-thread/main-thread-namespace.js';
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
  /** The core's end with its checks. */
  readonly channel: HostChannel;
  /** Where the host sends frames of its plugins. */
  readonly frames: Duplex;
  /** The namespace's state for the host. */
  readonly served: Disposable;
  /** A plugin is about to be activated. */
  readonly willActivate = new Emitter<string>();
  readonly didActivate = new Emitter<ActivatedPlugin>();
  readonly willDeactivate = new Emitter<string>();
  /** Permissions of its plugins have changed. */
  readonly didRegrant = new Emitter<void>();
  /** Whether the host has ended unexpectedly. */
  hasFailed = false;

  /** @param prepare Called before anything is sent or received. */
  constructor(
    namespace: MainThreadNamespace,
    plugins: readonly InstalledPlugin[],
    prepare: (host: RpcConnection) => void = () => {},
    log = SILENT_LOG,
  ) {
    const [near, far] = createInMemoryPair();
    this.core = new RpcConnection(near, { peer: 'host' });
    this.connection = new RpcConnection(far, { peer: 'core' });
    prepare(this.connection);
    const channel = new HostChannel(this.core, new Set(plugins.map(({ id }) => id)));
    const [toCore, frames] = createInMemoryPair();
    this.channel = channel;
    this.frames = frames.on('error', () => {});
    this.served = namespace.serve({
      ...{ channel, frames: toCore, plugins, log },
      lifecycle: {
        onWillActivate: this.willActivate.event,
        onDidActivate: this.didActivate.event,
        onWillDeactivate: this.willDeactivate.event,
        onDidRegrant: this.didRegrant.event,
        hasFailed: () => this.hasFailed,
      },
    });
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
    this.channel.dispose();
    this.willActivate.dispose();
    this.didActivate.dispose();
    this.willDeactivate.dispose();
    this.didRegrant.dispose();
    this.frames.destroy();
    this.core.dispose();
    this.connection.dispose();
  }
}
