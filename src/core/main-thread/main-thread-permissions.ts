import { inject, injectable } from 'inversify';
import type { Disposable } from 'vscode-jsonrpc';
import { DisposableStore } from '../../base/disposable-store.js';
import * as z from '../../base/zod.js';
import type { InstalledPlugin } from '../../plugins/installed-plugin.js';
import { BulkheadError, ErrorCodes } from '../../protocol/errors.js';
import {
  isCovered,
  isPermission,
  MOST_PERMISSION,
  permissionProblem,
} from '../../protocol/permissions/permissions.js';
import {
  GrantedPermissionsNotification,
  RequestPermissionRequest,
} from '../../protocol/plugin-permissions.js';
import { FromPluginSchema } from './host-channel.js';
import type { MainThreadNamespace, ServedHost } from './main-thread-namespace.js';
import { PermissionRequests } from './permission-requests.js';

const Request = FromPluginSchema.extend({ permission: z.string().max(MOST_PERMISSION) });

/** Tells hosts which permissions their plugins have, and asks the streamer for more. Its pair in the host is `ExtHostPermissions`. */
@injectable()
export class MainThreadPermissions implements MainThreadNamespace {
  constructor(@inject(PermissionRequests) private readonly requests: PermissionRequests) {}

  serve({ channel, plugins, lifecycle, log }: ServedHost): Disposable {
    channel.serve(RequestPermissionRequest.type, Request, async ({ plugin: id, permission }) => {
      const plugin = plugins.find((one) => one.id === id);
      return plugin !== undefined && (await this.request(plugin, permission, log));
    });
    return new DisposableStore([
      lifecycle.onDidRegrant(() =>
        channel.sendNotification(GrantedPermissionsNotification.type, {
          granted: Object.fromEntries(plugins.map(({ id, granted }) => [id, granted])),
        }),
      ),
      { dispose: () => plugins.forEach(({ id }) => void this.requests.withdraw(id)) },
    ]);
  }

  private async request(
    plugin: InstalledPlugin,
    permission: string,
    log: ServedHost['log'],
  ): Promise<boolean> {
    if (!isPermission(permission)) {
      const expected = permissionProblem(permission);
      throw new BulkheadError(ErrorCodes.configInvalid, `${expected}, got "${permission}"`, {
        where: plugin.id,
      });
    }
    if (isCovered(permission, plugin.granted)) return true;
    if (isCovered(permission, plugin.optionalPermissions)) return this.requests.ask(plugin, permission, log);
    // The streamer has revoked it, or has not granted it for an update.
    if (isCovered(permission, plugin.permissions)) return false;
    throw new BulkheadError(
      ErrorCodes.permissionDenied,
      `the plugin "${plugin.id}" asks for "${permission}", which its package.json does not name`,
      { where: plugin.id, remedy: `Add "${permission}" to "optionalPermissions" in its package.json.` },
    );
  }
}
