import * as z from 'zod';
import { BulkheadError, ErrorCodes } from '../../protocol/errors.js';
import {
  InstallPluginRequest,
  ListPluginsRequest,
  type PluginManagement,
  RemovePluginRequest,
  RestartPluginRequest,
  SetPluginEnabledRequest,
  SetPluginPermissionRequest,
} from '../../protocol/plugin-management.js';
import type { RpcConnection } from '../../rpc/rpc-connection.js';

const Id = z.string().min(1).max(400);
const Install = z.object({
  staged: z.string(),
  spec: z.string().max(4096),
  granted: z.array(z.string()),
  storageMb: z.int().min(1),
});
const SetEnabled = z.object({ id: Id, enabled: z.boolean(), force: z.boolean() });
const SetPermission = z.object({ id: Id, permission: z.string(), granted: z.boolean() });
const Remove = z.object({ id: Id, purge: z.boolean(), force: z.boolean() });
const Restart = z.object({ id: Id });

/** Serves the management of plugins to one client of the control API. */
export function servePlugins(client: RpcConnection, plugins: PluginManagement): void {
  client.onRequest(ListPluginsRequest.type, () => plugins.list());
  client.onRequest(InstallPluginRequest.type, (params) => plugins.install(checked(Install, params)));
  client.onRequest(SetPluginEnabledRequest.type, (params) => plugins.setEnabled(checked(SetEnabled, params)));
  client.onRequest(SetPluginPermissionRequest.type, (params) =>
    plugins.setPermission(checked(SetPermission, params)),
  );
  client.onRequest(RemovePluginRequest.type, (params) => plugins.remove(checked(Remove, params)));
  client.onRequest(RestartPluginRequest.type, (params) => plugins.restart(checked(Restart, params)));
}

function checked<T>(schema: z.ZodType<T>, params: unknown): T {
  const result = schema.safeParse(params);
  if (result.success) return result.data;
  throw new BulkheadError(ErrorCodes.configInvalid, z.prettifyError(result.error));
}
