import * as z from '../base/zod.js';
import { findRtmpUrlProblem, RTMP_URL_PATTERN } from '../rtmp/rtmp-url.js';
import { CanvasOfOutputSchema } from './canvas-schema.js';
import { checkEnhancedBroadcasting, EnhancedBroadcastingSchema } from './enhanced-broadcasting.js';
import { ID_MEANING, OUTPUT_ID } from './ids.js';
import { BACKUP_FIELDS, checkBackup } from './output-backup.js';
import { DelaySeconds } from './output-delay.js';
import { OutputVideoSchema, OverlaysSchema } from './output-video.js';
import { PlatformSchema, withPlatformUrl } from './platforms.js';
import { path } from './source-schema.js';

/** The codecs that Enhanced RTMP has besides H.264, as far as live servers take them. */
export const VideoCodecSchema = z.enum(['hevc', 'av1', 'vp9']);

/** An IP address, or the name of a network interface. */
export const BindAddressSchema = z
  .string()
  .regex(
    /^[^\s/]{1,64}$/,
    'expected an IP address of this computer, such as "192.168.1.20", or a network interface, such as "wlan0"',
  );
/** How much is kept for a server that cannot be sent to, s. */
export const CatchUpSecondsSchema = z.number().min(0).max(60);

const RtmpFields = z.strictObject({
  id: OUTPUT_ID.describe(ID_MEANING),
  // Optional as well, since the branch of a union is chosen by the value as written.
  type: z.literal('rtmp').optional().default('rtmp').describe('RTMP or RTMPS: the default.'),
  platform: PlatformSchema.optional(),
  url: z
    .string()
    .superRefine((url, context) => {
      const message = findRtmpUrlProblem(url);
      if (message !== undefined) context.addIssue({ code: 'custom', input: url, message });
    })
    .meta({
      description:
        'The server and the application: rtmp:// or rtmps://. The key may be its last part, but is better kept in "key". Needed unless the "platform" has one.',
      pattern: RTMP_URL_PATTERN,
    })
    .optional(),
  key: z
    .string()
    .min(1)
    .optional()
    .describe(
      'The stream key: "env:NAME" reads an environment variable, "file:PATH" the first line of a file, "keyring:NAME" what `bulkhead key set NAME` has put into the system\'s keyring; "ask" has it typed in at the start.',
    ),
  username: z.string().optional().describe('User name, for servers that ask for a login.'),
  password: z
    .string()
    .optional()
    .describe('Password, for servers that ask for a login: "env:NAME" or "file:PATH" as for the key.'),
  tlsCaFile: path
    .optional()
    .describe("PEM file of a certificate authority to trust for this rtmps server, besides the system's."),
  multitrack: z
    .boolean()
    .optional()
    .describe(
      'Whether all audio and video tracks of a publisher that sends several (multitrack Enhanced RTMP) go to this output, for servers that take them. By default, only the first of each.',
    ),
  codecs: z
    .array(VideoCodecSchema)
    .optional()
    .describe(
      'Video codecs besides H.264 that the server takes although it does not say so when it is connected to. Those that it names need not be here.',
    ),
  bindAddress: BindAddressSchema.optional().describe(
    'What to send from, where this computer has several networks: one of its IP addresses, or a network interface such as "wlan0". By default, the system chooses.',
  ),
  adaptiveBitrate: z
    .boolean()
    .optional()
    .describe(
      'With false, "adaptiveBitrate" of "video" does not follow this output: its viewers miss frames where its network is slow.',
    ),
  catchUpSeconds: CatchUpSecondsSchema.optional().describe(
    'How much is kept while the server cannot be reached, and sent when it can, so that viewers miss nothing: 20 by default. With 0 the stream goes on with what is live then.',
  ),
  ...BACKUP_FIELDS,
  delaySeconds: DelaySeconds,
  video: OutputVideoSchema,
  overlays: OverlaysSchema,
  enhancedBroadcasting: EnhancedBroadcastingSchema,
  canvas: CanvasOfOutputSchema,
});

export const RtmpOutput = RtmpFields.superRefine(checkBackup)
  .superRefine(checkEnhancedBroadcasting)
  .transform(withPlatformUrl);

export type RtmpConfig = z.output<typeof RtmpOutput>;
