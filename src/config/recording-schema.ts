import * as z from '../base/zod.js';
import { findNameProblem, NAME_FIELDS } from './recording-name.js';
import { path } from './source-schema.js';

export const RECORDING_FORMATS = ['mkv', 'fragmented-mp4', 'hybrid-mp4'] as const;
export type RecordingFormat = (typeof RECORDING_FORMATS)[number];

const fields = Object.entries(NAME_FIELDS).map(([name, meaning]) => `{${name}} is ${meaning}`);

export const RecordingNameSchema = z
  .string()
  .min(1)
  .max(200)
  .superRefine((name, context) => {
    const message = findNameProblem(name);
    if (message !== undefined) context.addIssue({ code: 'custom', input: name, message });
  });

export const RecordingSchema = z.strictObject({
  folder: path
    .optional()
    .describe(
      'Where the files are; it is made if it does not exist. By default "Bulkhead" in the folder of videos: "~/Videos/Bulkhead", on macOS "~/Movies/Bulkhead".',
    ),
  name: RecordingNameSchema.default('{date} {time}').describe(
    `Name of the files, without the extension; one that exists is never overwritten, a number is added instead. ${fields.join(', ')}.`,
  ),
  format: z
    .enum(RECORDING_FORMATS)
    .default('mkv')
    .describe(
      'Container of the files. Each can be played as far as it was written if the recording is cut off. "mkv" is Matroska; "fragmented-mp4" is MP4 for players that take fragments; "hybrid-mp4" is the same with an index at its end, so that every player takes it once it is complete.',
    ),
  startWithBroadcast: z
    .boolean()
    .default(false)
    .describe(
      'Whether each broadcast is recorded from its start. Otherwise, `bulkhead record start` does it.',
    ),
  splitMinutes: z
    .number()
    .min(0.05)
    .max(1440)
    .optional()
    .describe('A new file is begun after this time, at a keyframe; minutes.'),
  splitMb: z
    .int()
    .min(1)
    .max(1_000_000)
    .optional()
    .describe('A new file is begun at this size, at a keyframe; megabytes.'),
  keepFreeMb: z
    .int()
    .min(1)
    .max(1_000_000)
    .default(200)
    .describe(
      'The recording ends when less is free on the disk, so that other programs can go on; megabytes. The broadcast goes on.',
    ),
});

export type RecordingConfig = z.output<typeof RecordingSchema>;
