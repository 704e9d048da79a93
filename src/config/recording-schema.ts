import * as z from '../base/zod.js';
import { ID } from './ids.js';
import { MOST_BUSES } from './mixer-schema.js';
import { OutputVideoSchema } from './output-video.js';
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

/** Recorded besides the programme, at most. */
export const MOST_FEEDS = 4;

export const RecordedFeedSchema = z
  .strictObject({
    feed: z
      .literal('clean')
      .optional()
      .describe('"clean" is the programme without the overlays above its scenes; or without it:'),
    source: ID.max(64)
      .optional()
      .describe('Id of one of "sources", as it comes: neither composed nor mixed.'),
    canvas: ID.max(64).optional().describe('Id of one of "canvases", with the sound of the programme.'),
    video: OutputVideoSchema.describe(
      'How it is encoded, where that is to differ from "video" of the broadcast. The frames of a source are as large as the source.',
    ),
  })
  .superRefine(({ feed, source, canvas }, context) => {
    const given = Object.entries({ feed, source, canvas }).filter(([, value]) => value !== undefined);
    if (given.length === 1) return;
    const [name = 'source', input] = given.at(-1) ?? [];
    const message = 'expected one of "feed", "source" and "canvas"';
    context.addIssue({ code: 'custom', path: [name], input, message });
  });

export type RecordedFeed = z.output<typeof RecordedFeedSchema>;

/** What a feed is called in names of files, in the status and in messages. */
export function feedName({ feed, source, canvas }: Pick<RecordedFeed, 'feed' | 'source' | 'canvas'>): string {
  return source ?? canvas ?? feed ?? '';
}

export const RecordedFeedsSchema = z
  .array(RecordedFeedSchema)
  .max(MOST_FEEDS)
  .superRefine((feeds, context) => {
    const names = feeds.map(feedName);
    for (const [index, name] of names.entries()) {
      if (names.indexOf(name) === index) continue;
      const message = `expected "${name}" once: each has a file of its own`;
      context.addIssue({ code: 'custom', path: [index], input: feeds[index], message });
    }
  });

/** Ids of buses. */
export const AudioTracksSchema = z.array(ID).max(MOST_BUSES).readonly();

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
  also: RecordedFeedsSchema.default([]).describe(
    'What is recorded besides the programme, each into a file of its own with the same times. All but what is published to an ingest is encoded for that, which takes about as much CPU as the programme each.',
  ),
  audioTracks: AudioTracksSchema.optional().describe(
    'Ids of the buses of "mixer" that are recorded as further audio tracks; the first track is always the sound of the programme. All buses without it.',
  ),
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
