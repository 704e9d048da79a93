import * as z from '../../base/zod.js';
import { RecordingNameSchema } from '../../config/recording-schema.js';
import { ReplaySecondsSchema } from '../../config/replay-schema.js';
import {
  type ReplayManagement,
  ReplayRequest,
  SaveReplayRequest,
  StartReplayRequest,
  StopReplayRequest,
} from '../../protocol/replay.js';
import type { CheckedChannel } from '../../rpc/checked-channel.js';

const Nothing = z.object({});
const Start = z.object({ seconds: ReplaySecondsSchema.optional() });
const Save = z.object({ seconds: ReplaySecondsSchema.optional(), name: RecordingNameSchema.optional() });

/** Serves replays to one client of the control API. */
export function serveReplay(channel: CheckedChannel, replays: ReplayManagement): void {
  channel.serve(ReplayRequest.type, Nothing, () => replays.replay());
  channel.serve(StartReplayRequest.type, Start, (params) => replays.startReplay(params));
  channel.serve(StopReplayRequest.type, Nothing, () => replays.stopReplay());
  channel.serve(SaveReplayRequest.type, Save, (params) => replays.saveReplay(params));
}
