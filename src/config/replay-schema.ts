import * as z from '../base/zod.js';
import { RECORDING_FORMATS, RecordingNameSchema } from './recording-schema.js';
import { path } from './source-schema.js';

/** How much of the broadcast a replay may go back, s. */
export const ReplaySecondsSchema = z.number().min(1).max(600);

export const ReplaySchema = z.strictObject({
  seconds: ReplaySecondsSchema.default(30).describe(
    'How much of the broadcast is kept, seconds: as long as a saved replay is, and up to a keyframe interval more.',
  ),
  maxMb: z
    .int()
    .min(1)
    .max(4096)
    .default(256)
    .describe(
      'How much memory that may take, megabytes. Where that is not enough for "seconds", less is kept: 30 s at 6000 kbit/s are 23 MB.',
    ),
  startWithBroadcast: z
    .boolean()
    .default(true)
    .describe('Whether each broadcast is kept from its start. Otherwise, `bulkhead replay start` does it.'),
  folder: path
    .optional()
    .describe('Where replays are saved; it is made if it does not exist. By default that of "recording".'),
  name: RecordingNameSchema.default('Replay {date} {time}').describe(
    'Name of the files, as in "recording"; {n} is the number of the replay within the broadcast.',
  ),
  format: z.enum(RECORDING_FORMATS).default('mkv').describe('Container of the files, as in "recording".'),
  keepFreeMb: z
    .int()
    .min(1)
    .max(1_000_000)
    .default(200)
    .describe('No replay is saved while less is free on the disk, megabytes.'),
});

export type ReplayConfig = z.output<typeof ReplaySchema>;
