import * as z from '../base/zod.js';

const even = (value: number) => value % 2 === 0;

/** The settings of the video encoder, each by itself. */
export const VIDEO_SETTINGS = {
  width: z
    .int()
    .min(16)
    .max(7680)
    .refine(even, 'expected an even number')
    .default(1280)
    .describe('Frame width, pixels; an even number.'),
  height: z
    .int()
    .min(16)
    .max(4320)
    .refine(even, 'expected an even number')
    .default(720)
    .describe('Frame height, pixels; an even number.'),
  fps: z.number().min(1).max(120).default(30).describe('Frames per second.'),
  bitrateKbps: z.int().min(50).max(100_000).default(2500).describe('Video bitrate, kbit/s.'),
  adaptiveBitrate: z
    .boolean()
    .default(false)
    .describe(
      'Whether the bitrate goes down while the network of an output carries less, and up again when it carries more.',
    ),
  minBitrateKbps: z
    .int()
    .min(50)
    .max(100_000)
    .optional()
    .describe(
      'The least that "adaptiveBitrate" goes down to, kbit/s. A quarter of "bitrateKbps" by default.',
    ),
  keyframeIntervalSeconds: z
    .number()
    .min(0.5)
    .max(10)
    .default(2)
    .describe('Time from one keyframe to the next, seconds. Most platforms ask for 2.'),
  encoder: z
    .string()
    .min(1)
    .default('libx264')
    .describe(
      'ffmpeg\'s name of the encoder, such as "h264_nvenc", "libx265" or "libsvtav1"; `bulkhead doctor` lists those that work. HEVC and AV1 need a live server that takes them.',
    ),
  preset: z
    .string()
    .min(1)
    .default('veryfast')
    .describe(
      'How much CPU a frame may cost: "fastest", "balanced", "quality" or "best", or a preset of the encoder\'s own, such as "superfast". A faster one looks worse at the same bitrate.',
    ),
  tune: z
    .enum(['zerolatency', 'none'])
    .default('zerolatency')
    .describe(
      '"zerolatency" gives up a little quality for the shortest gap after a crash; "none" allows B-frames and lookahead.',
    ),
  constantBitrate: z
    .boolean()
    .default(false)
    .describe(
      'Whether frames that need less are filled up, so that the bitrate is always sent, as some servers ask. Otherwise a still frame needs far less. With "libx264", "h264_amf", and "h264_nvenc" of a recent ffmpeg.',
    ),
  precisionTimestamps: z
    .boolean()
    .default(false)
    .describe(
      'Whether each frame of H.264 and HEVC says when it was taken (MISB ST 0604, UTC), so that `bulkhead latency` and other programs can measure how late viewers are.',
    ),
  profile: z
    .enum(['baseline', 'main', 'high'])
    .default('high')
    .describe('Profile of H.264; HEVC and AV1 always have "main".'),
  bFrames: z.int().min(0).max(16).default(0).describe('B-frames in a row; more than 0 needs "tune": "none".'),
  lookahead: z
    .int()
    .min(0)
    .max(250)
    .default(0)
    .describe('Frames that rate control looks ahead; more than 0 needs "tune": "none".'),
};

export const VideoSchema = z
  .strictObject(VIDEO_SETTINGS)
  .superRefine(({ tune, bFrames, lookahead, bitrateKbps, minBitrateKbps }, context) => {
    if (minBitrateKbps !== undefined && minBitrateKbps > bitrateKbps) {
      context.addIssue({
        code: 'custom',
        path: ['minBitrateKbps'],
        input: minBitrateKbps,
        message: 'expected no more than "bitrateKbps"',
      });
    }
    if (tune === 'none') return;
    for (const [key, value] of Object.entries({ bFrames, lookahead })) {
      if (value > 0)
        context.addIssue({
          code: 'custom',
          path: [key],
          input: value,
          message: 'expected 0, or tune "none"',
        });
    }
  });

export const AUDIO_SETTINGS = {
  bitrateKbps: z
    .int()
    .min(32)
    .max(512)
    .default(160)
    .describe('Audio bitrate, kbit/s. It is AAC-LC, 48 kHz, stereo.'),
};

export const AudioSchema = z.strictObject(AUDIO_SETTINGS);

export type VideoConfig = z.output<typeof VideoSchema>;
export type AudioConfig = z.output<typeof AudioSchema>;
