import * as z from '../../base/zod.js';
import { PluginSettingSchema } from '../../config/schema.js';
import { boundedTree } from '../../protocol/bounded.js';
import {
  ListSettingsRequest,
  ResetSettingsRequest,
  SavedSettingRequest,
  SetSettingRequest,
  type SettingManagement,
} from '../../protocol/settings.js';
import type { CheckedChannel } from '../../rpc/checked-channel.js';

/** Texts in a list, and what else is in the message. */
const MAX_VALUES = 1010;

const Nothing = z.object({});
const Id = z.object({ plugin: z.string().min(1).max(400), key: z.string().min(1).max(100) });
const SetSetting = boundedTree(Id.extend({ value: PluginSettingSchema.nullable() }), MAX_VALUES);

/** Serves the changing of plugins' settings on air to one client of the control API. */
export function serveSettings(channel: CheckedChannel, settings: SettingManagement): void {
  channel.serve(ListSettingsRequest.type, Nothing, () => settings.list());
  channel.serve(SetSettingRequest.type, SetSetting, (params) => settings.set(params));
  channel.serve(ResetSettingsRequest.type, Nothing, () => settings.reset());
  channel.serve(SavedSettingRequest.type, Id, (params) => settings.noteSaved(params));
}
