import type { Duplex } from 'node:stream';
import { createApi } from '../../../src/extension-host/api/create-api.js';
import { PluginScope } from '../../../src/extension-host/plugin-scope.js';
import { PluginServices } from '../../../src/extension-host/plugin-services.js';
import { describePlugin, type InstalledPlugin } from '../../../src/plugins/installed-plugin.js';
import type { PluginDescription } from '../../../src/protocol/extension-host.js';
import { ListCommandsRequest } from '../../../src/protocol/plugin-commands.js';
import { createInMemoryPair } from '../../../src/rpc/in-memory-pair.js';
import { RpcConnection } from '../../../src/rpc/rpc-connection.js';
import { installedPlugin } from '../plugins/installed-plugin.js';

export function pluginDescription(id: string, change: Partial<InstalledPlugin> = {}): PluginDescription {
  return describePlugin(installedPlugin(id, change), '/stored', 'none');
}

/** The host's services and a core that is the test itself. Register the core's handlers, then call `listen`. */
export class HostPair {
  readonly core: RpcConnection;
  readonly host: RpcConnection;
  readonly services: PluginServices;
  /** Messages of the failures of plugins that no caller waits for. */
  readonly reported: string[] = [];
  /** Names of all commands that the core knows. */
  readonly commands: string[] = [];
  private readonly scopes: PluginScope[] = [];

  /** @param frames where the host sends frames of its plugins */
  constructor(frames?: Duplex) {
    const [near, far] = createInMemoryPair();
    this.core = new RpcConnection(near, { peer: 'host' });
    this.host = new RpcConnection(far, { peer: 'core' });
    this.services = new PluginServices(this.host, frames);
    this.core.onRequest(ListCommandsRequest.type, () => this.commands);
  }

  listen(): void {
    this.core.listen();
    this.host.listen();
  }

  plugin(id: string, change: Partial<InstalledPlugin> = {}) {
    const scope = new PluginScope(pluginDescription(id, change), {
      report: ({ message }) => void this.reported.push(message),
    });
    this.scopes.push(scope);
    return { scope, api: createApi(() => ({ scope, services: this.services })) };
  }

  /** All that was sent before, in either direction, has been received. */
  async settled(): Promise<void> {
    await this.host.sendRequest(ListCommandsRequest.type, { plugin: 'any' });
  }

  dispose(): void {
    for (const scope of this.scopes) scope.dispose();
    this.services.dispose();
    this.core.dispose();
    this.host.dispose();
  }
}
