import { SetContextRequest } from '../protocol/plugin-context.js';
import type { RpcConnection } from '../rpc/rpc-connection.js';
import type { PluginScope } from './plugin-scope.js';
import { requireJson } from './require-json.js';

type ContextValue = string | number | boolean | readonly (string | number)[];

/** The context keys of this host's plugins. Its pair in the core is `MainThreadContext`. */
export class ExtHostContext {
  constructor(private readonly connection: RpcConnection) {}

  async setContext(scope: PluginScope, key: string, value: ContextValue | undefined): Promise<void> {
    scope.checkActive();
    requireJson(value, 'the value');
    const params = { plugin: scope.id, key, value: value ?? null };
    await this.connection.sendRequest(SetContextRequest.type, params);
  }
}
