import * as z from '../../base/zod.js';
import {
  MAX_SECRET_CHARACTERS,
  PluginDetailsRequest,
  type PluginRecords,
  SetPluginSecretRequest,
} from '../../protocol/plugin-details.js';
import type { CheckedChannel } from '../../rpc/checked-channel.js';

const Id = z.object({ id: z.string().min(1).max(400) });
const SetSecret = Id.extend({
  key: z.string().min(1).max(1000),
  value: z.string().min(1).max(MAX_SECRET_CHARACTERS).nullable(),
});

/** Serves what is known of single plugins, and the setting of their secrets, to one client of the control API. */
export function servePluginDetails(channel: CheckedChannel, records: PluginRecords): void {
  channel.serve(PluginDetailsRequest.type, Id, (params) => records.details(params));
  channel.serve(SetPluginSecretRequest.type, SetSecret, (params) => records.setSecret(params));
}
