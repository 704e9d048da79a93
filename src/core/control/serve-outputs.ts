import * as z from '../../base/zod.js';
import { BackupModeSchema } from '../../config/output-backup.js';
import { OutputSchema } from '../../config/output-schema.js';
import { OutputVideoSchema } from '../../config/output-video.js';
import { PlatformSchema } from '../../config/platforms.js';
import {
  BindAddressSchema,
  CatchUpSecondsSchema,
  VideoCodecSchema,
} from '../../config/rtmp-output-schema.js';
import { boundedTree } from '../../protocol/bounded.js';
import { CutDelayRequest, type DelayManagement } from '../../protocol/delay.js';
import {
  AddOutputRequest,
  ListOutputsRequest,
  type OutputManagement,
  RemoveOutputRequest,
  ResetOutputsRequest,
  SetOutputRequest,
  StartOutputRequest,
  StopOutputRequest,
} from '../../protocol/outputs.js';
import type { CheckedChannel } from '../../rpc/checked-channel.js';
import { MAX_SECRET, SecretsSchema } from '../broadcast/outputs/output-changes.js';

/** Values in what one request says of an output. */
const MAX_VALUES = 30;

const Id = z.object({ id: z.string().min(1).max(64) });
const secrets = SecretsSchema.optional();
const setting = z.string().max(MAX_SECRET).nullable().optional();
const Add = boundedTree(z.object({ output: OutputSchema, secrets }), MAX_VALUES);
const Cut = z.object({ seconds: z.number().positive().optional() });
const Change = boundedTree(
  Id.extend({
    change: z.strictObject({
      // Whether they fit the kind of output is checked with its other settings.
      url: z.string().max(MAX_SECRET).optional(),
      type: z.enum(['rtmp', 'srt', 'rist', 'udp', 'hls', 'whip']).optional(),
      platform: PlatformSchema.nullable().optional(),
      folder: z.string().max(MAX_SECRET).optional(),
      mode: z.enum(['caller', 'listener']).optional(),
      ...{ key: setting, username: setting, password: setting, passphrase: setting, tlsCaFile: setting },
      ...{ backup: BackupModeSchema.nullable().optional(), backupUrl: setting, backupKey: setting },
      multitrack: z.boolean().nullable().optional(),
      codecs: z.array(VideoCodecSchema).nullable().optional(),
      bindAddress: BindAddressSchema.nullable().optional(),
      catchUpSeconds: CatchUpSecondsSchema.nullable().optional(),
      delaySeconds: z.number().nullable().optional(),
      video: OutputVideoSchema.nullable(),
      overlays: z.boolean().nullable().optional(),
    }),
    secrets,
  }),
  MAX_VALUES,
);

/** Serves the changing of outputs on air to one client of the control API. */
export function serveOutputs(channel: CheckedChannel, outputs: OutputManagement & DelayManagement): void {
  channel.serve(ListOutputsRequest.type, z.object({}), () => outputs.list());
  channel.serve(AddOutputRequest.type, Add, (params) => outputs.add(params));
  channel.serve(SetOutputRequest.type, Change, (params) => outputs.set(params));
  channel.serve(RemoveOutputRequest.type, Id, (params) => outputs.remove(params));
  channel.serve(StopOutputRequest.type, Id, (params) => outputs.stop(params));
  channel.serve(StartOutputRequest.type, Id, (params) => outputs.start(params));
  channel.serve(ResetOutputsRequest.type, z.object({}), () => outputs.reset());
  channel.serve(CutDelayRequest.type, Cut, (params) => outputs.cutDelay(params));
}
