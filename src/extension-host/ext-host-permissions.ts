import type { Disposable } from 'vscode-jsonrpc/node';
import { Emitter, type Event } from '../base/event.js';
import { BulkheadError, ErrorCodes } from '../protocol/errors.js';
import type { PluginDescription } from '../protocol/extension-host.js';
import { type NetworkScope, parseNetworkScope } from '../protocol/permissions/network-scope.js';
import {
  isCovered,
  isPermission,
  type Permission,
  permissionProblem,
  scopesOf,
} from '../protocol/permissions/permissions.js';
import { GrantedPermissionsNotification, RequestPermissionRequest } from '../protocol/plugin-permissions.js';
import type { RpcConnection } from '../rpc/rpc-connection.js';
import type { PluginScope } from './plugin-scope.js';

/** The permissions of this host's plugins. Its pair in the core is `MainThreadPermissions`. */
export class ExtHostPermissions implements Disposable {
  private readonly granted = new Map<string, readonly Permission[]>();
  private readonly changeEmitter = new Emitter<void>();
  readonly onDidChange: Event<void> = this.changeEmitter.event;
  private network: readonly NetworkScope[] | undefined = [];

  constructor(private readonly connection: RpcConnection) {
    connection.onNotification(GrantedPermissionsNotification.type, ({ granted }) => {
      for (const [plugin, permissions] of Object.entries(granted)) this.set(plugin, permissions);
      this.changeEmitter.fire();
    });
  }

  /** To be called before the plugin is loaded. */
  add({ id, granted }: PluginDescription): void {
    this.set(id, granted);
  }

  /** What the plugins of this process may connect to: what one may, all can. Undefined for the whole network. */
  get networkScopes(): readonly NetworkScope[] | undefined {
    return this.network;
  }

  has(scope: PluginScope, permission: string): boolean {
    return isCovered(checked(permission), this.granted.get(scope.id) ?? []);
  }

  async request(scope: PluginScope, permission: string): Promise<boolean> {
    scope.checkActive();
    if (this.has(scope, permission)) return true;
    return this.connection.sendRequest(
      RequestPermissionRequest.type,
      { plugin: scope.id, permission },
      // The core withdraws the question after its deadline.
      { deadlineMs: Number.POSITIVE_INFINITY },
    );
  }

  private set(plugin: string, permissions: readonly string[]): void {
    this.granted.set(plugin, permissions.filter(isPermission));
    const all = [...this.granted.values()].flat();
    this.network = all.includes('network') ? undefined : scopesOf(all, 'network').map(parseNetworkScope);
  }

  dispose(): void {
    this.changeEmitter.dispose();
  }
}

/** @throws `config.invalid` */
function checked(permission: string): Permission {
  const problem = permissionProblem(String(permission));
  if (problem === undefined) return permission as Permission;
  throw new BulkheadError(ErrorCodes.configInvalid, `${problem}, got "${permission}"`);
}
