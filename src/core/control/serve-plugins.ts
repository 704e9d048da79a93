import * as z from '../../base/zod.js';
import { boundedList } from '../../protocol/bounded.js';
import { MOST_PERMISSION } from '../../protocol/permissions/permissions.js';
import {
  InstallPluginRequest,
  ListPluginsRequest,
  type PluginManagement,
  RemovePluginRequest,
  RestartPluginRequest,
  RollBackPluginRequest,
  SetPluginEnabledRequest,
  SetPluginPermissionRequest,
} from '../../protocol/plugin-management.js';
import type { CheckedChannel } from '../../rpc/checked-channel.js';

const Id = z.string().min(1).max(400);
const Origin = z.object({
  package: z.string().max(214),
  registry: z.string().max(2000),
  integrity: z.string().max(200),
  publisher: z.string().max(200).optional(),
  maintainers: boundedList(z.string().max(200), 100),
  provenance: z
    .object({
      repository: z.string().max(2000),
      commit: z.string().max(200),
      builder: z.string().max(2000),
      workflow: z.string().max(1000).optional(),
      verified: z.boolean(),
      reason: z.string().max(1000).optional(),
    })
    .optional(),
});
const Install = z.object({
  staged: z.string().max(400),
  spec: z.string().max(4096),
  granted: boundedList(z.string().max(MOST_PERMISSION), 100),
  storageMb: z.int().min(1),
  data: z.enum(['keep', 'fresh']).optional(),
  origin: Origin.optional(),
  acceptChangedSource: z.boolean().optional(),
});
const SetEnabled = z.object({ id: Id, enabled: z.boolean(), force: z.boolean() });
const SetPermission = z.object({ id: Id, permission: z.string().max(MOST_PERMISSION), granted: z.boolean() });
const Remove = z.object({ id: Id, purge: z.boolean(), force: z.boolean() });
const Restart = z.object({ id: Id });
const RollBack = z.object({ id: Id });

/** Serves plugin management to one client of the control API. */
export function servePlugins(channel: CheckedChannel, plugins: PluginManagement): void {
  channel.serve(ListPluginsRequest.type, z.object({}), () => plugins.list());
  channel.serve(InstallPluginRequest.type, Install, (params) => plugins.install(params));
  channel.serve(RollBackPluginRequest.type, RollBack, (params) => plugins.rollback(params));
  channel.serve(SetPluginEnabledRequest.type, SetEnabled, (params) => plugins.setEnabled(params));
  channel.serve(SetPluginPermissionRequest.type, SetPermission, (params) => plugins.setPermission(params));
  channel.serve(RemovePluginRequest.type, Remove, (params) => plugins.remove(params));
  channel.serve(RestartPluginRequest.type, Restart, (params) => plugins.restart(params));
}
