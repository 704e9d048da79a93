import * as z from 'zod';
import { boundedList } from '../../protocol/bounded.js';
import {
  InstallPluginRequest,
  ListPluginsRequest,
  type PluginManagement,
  RemovePluginRequest,
  RestartPluginRequest,
  SetPluginEnabledRequest,
  SetPluginPermissionRequest,
} from '../../protocol/plugin-management.js';
import type { CheckedChannel } from '../../rpc/checked-channel.js';

const Id = z.string().min(1).max(400);
const Install = z.object({
  staged: z.string().max(400),
  spec: z.string().max(4096),
  granted: boundedList(z.string().max(300), 100),
  storageMb: z.int().min(1),
  data: z.enum(['keep', 'fresh']).optional(),
});
const SetEnabled = z.object({ id: Id, enabled: z.boolean(), force: z.boolean() });
const SetPermission = z.object({ id: Id, permission: z.string().max(300), granted: z.boolean() });
const Remove = z.object({ id: Id, purge: z.boolean(), force: z.boolean() });
const Restart = z.object({ id: Id });

/** Serves plugin management to one client of the control API. */
export function servePlugins(channel: CheckedChannel, plugins: PluginManagement): void {
  channel.serve(ListPluginsRequest.type, z.object({}), () => plugins.list());
  channel.serve(InstallPluginRequest.type, Install, (params) => plugins.install(params));
  channel.serve(SetPluginEnabledRequest.type, SetEnabled, (params) => plugins.setEnabled(params));
  channel.serve(SetPluginPermissionRequest.type, SetPermission, (params) => plugins.setPermission(params));
  channel.serve(RemovePluginRequest.type, Remove, (params) => plugins.remove(params));
  channel.serve(RestartPluginRequest.type, Restart, (params) => plugins.restart(params));
}
