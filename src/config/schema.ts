import * as z from 'zod';
import { API_PROPOSAL_NAMES } from '../protocol/api-proposals.js';
import { findRtmpUrlProblem, RTMP_URL_PATTERN } from '../rtmp/rtmp-url.js';

/**
 * The broadcast's configuration: what a streamer writes (JSON with comments) and, with every default filled in, what
 * the core is told. One definition gives the types, the check and the JSON Schema (`schemas/bulkhead.schema.json`).
 */

const path = z.string().min(1).describe('A path; a relative one counts from the configuration file.');

const ID = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/, 'expected letters, digits, "-" and "_"')
  .describe('A name of your own, shown in the status.');

/** What is encoded here: a source of frames and sound. */
const sources = [
  z.strictObject({
    type: z.literal('test-pattern').describe('A moving test image with a running clock, and a tone.'),
  }),
  z.strictObject({
    type: z.literal('file').describe('A media file.'),
    path,
    loop: z.boolean().default(true).describe('Loop it; false ends the broadcast with the file.'),
  }),
  z.strictObject({ type: z.literal('image').describe('A still image, with silence.'), path }),
  z.strictObject({
    type: z.literal('url').describe('Any address that ffmpeg reads.'),
    url: z
      .string()
      .regex(
        /^(rtmps?|rtsps?|srt|https?|udp|tcp):\/\//i,
        'expected an rtmp, rtsp, srt, http, udp or tcp address',
      ),
  }),
  z.strictObject({
    type: z.literal('screen').describe('The screen.'),
    display: z.string().optional().describe('X display such as ":0.0", or the screen\'s number on macOS.'),
    microphone: z.string().optional().describe('An audio device; "default" takes the system\'s.'),
  }),
  z.strictObject({
    type: z.literal('camera').describe('A camera.'),
    device: z
      .string()
      .optional()
      .describe("For example /dev/video0, or the device's name on macOS and Windows."),
    microphone: z.string().optional().describe('An audio device; "default" takes the system\'s.'),
  }),
  z.strictObject({
    type: z.literal('microphone').describe('A microphone alone, with a still image.'),
    device: z.string().optional().describe("An audio device; the system's default without it."),
  }),
  z.strictObject({ type: z.literal('colour').describe('A plain colour, with silence.') }),
] as const;

const SourceSchema = z.discriminatedUnion('type', sources);

const ingestKey = z
  .string()
  .regex(
    /^(?:(?:env|file):.+|[^\s/?&#]+)$/,
    'expected "env:NAME", "file:PATH" or a key without spaces, "/", "?", "&" and "#"',
  )
  .optional();

export const InputSchema = z.discriminatedUnion('type', [
  ...sources,
  z.strictObject({
    type: z
      .literal('ingest')
      .describe('What OBS or another encoder publishes to Bulkhead, passed through as it is.'),
    ingest: ID.default('ingest').describe('Which of the "ingests"; one is made of it where there is none.'),
    key: ingestKey.describe(
      'Its key where it is not in "ingests": "env:NAME", "file:PATH", or none to have one made.',
    ),
    fallback: SourceSchema.default({ type: 'colour' }).describe('What is on air while nothing is published.'),
  }),
]);

const even = (value: number) => value % 2 === 0;

const Video = z
  .strictObject({
    width: z
      .int()
      .min(16)
      .max(7680)
      .refine(even, 'expected an even number')
      .default(1280)
      .describe('Pixels.'),
    height: z
      .int()
      .min(16)
      .max(4320)
      .refine(even, 'expected an even number')
      .default(720)
      .describe('Pixels.'),
    fps: z.number().min(1).max(120).default(30).describe('Frames per second.'),
    bitrateKbps: z.int().min(50).max(100_000).default(2500).describe('kbit/s.'),
    keyframeIntervalSeconds: z
      .number()
      .min(0.5)
      .max(10)
      .default(2)
      .describe('Seconds; the platforms want 2.'),
    encoder: z.string().min(1).default('libx264').describe("ffmpeg's name of the video encoder."),
    preset: z.string().min(1).default('veryfast').describe("The video encoder's preset."),
    tune: z
      .enum(['zerolatency', 'none'])
      .default('zerolatency')
      .describe('"zerolatency" trades a little quality for the shortest gap after a crash.'),
    profile: z.enum(['baseline', 'main', 'high']).default('high'),
    bFrames: z.int().min(0).max(16).default(0).describe('B-frames in a row; needs tune "none".'),
    lookahead: z
      .int()
      .min(0)
      .max(250)
      .default(0)
      .describe('Frames that rate control looks ahead; needs tune "none".'),
  })
  .superRefine(({ tune, bFrames, lookahead }, context) => {
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

const Audio = z.strictObject({
  bitrateKbps: z.int().min(32).max(512).default(160).describe('kbit/s; always AAC, 48 kHz, stereo.'),
});

const RtmpOutput = z.strictObject({
  id: ID,
  // Optional as well, since a union is decided by the value that is written.
  type: z.literal('rtmp').optional().default('rtmp').describe('RTMP, with or without TLS.'),
  url: z
    .string()
    .superRefine((url, context) => {
      const message = findRtmpUrlProblem(url);
      if (message !== undefined) context.addIssue({ code: 'custom', input: url, message });
    })
    .meta({
      description: 'The server and the application, with or without the key.',
      pattern: RTMP_URL_PATTERN,
    }),
  key: z
    .string()
    .min(1)
    .optional()
    .describe('The stream key: "env:NAME" reads an environment variable, "file:PATH" a file.'),
  username: z.string().optional().describe('For servers that ask for a login.'),
  password: z.string().optional().describe('Likewise; "env:NAME" and "file:PATH" as for the key.'),
  tlsCaFile: path
    .optional()
    .describe("PEM file of a certificate authority to trust for this rtmps server, besides the system's."),
});

/** By `type`: a new kind of output is a branch here, and an `OutputProtocol` in the core. */
export const OutputSchema = z.discriminatedUnion('type', [RtmpOutput]);

export const IngestSchema = z.strictObject({
  id: ID,
  key: ingestKey.describe(
    'The key that a publisher presents: "env:NAME" reads an environment variable, "file:PATH" a file; without it one is made and kept.',
  ),
  secondPublisher: z
    .enum(['replace', 'refuse'])
    .default('replace')
    .describe('Whether a second publisher with the same key replaces the first or is refused.'),
  maxBitrateKbps: z
    .int()
    .min(100)
    .max(200_000)
    .default(60_000)
    .describe('A publisher that sends more is cut off, kbit/s.'),
});

function uniqueIds(what: string) {
  return (entries: readonly { readonly id: string }[], context: z.RefinementCtx): void => {
    const ids = entries.map(({ id }) => id);
    for (const [index, id] of ids.entries()) {
      if (ids.indexOf(id) === index) continue;
      const message = `expected an id that no other ${what} has`;
      context.addIssue({ code: 'custom', path: [index, 'id'], input: id, message });
    }
  };
}

const LiveServer = z.strictObject({
  enabled: z
    .boolean()
    .optional()
    .describe('Run the embedded live server with its viewer page; by default only when no output is given.'),
  rtmpPort: z.int().min(1).max(65535).default(1935).describe('The next free one is taken when it is in use.'),
  httpPort: z.int().min(1).max(65535).default(8000).describe('Likewise.'),
  host: z
    .union([z.ipv4(), z.ipv6()], 'expected an IP address, such as "127.0.0.1" or "0.0.0.0"')
    .default('127.0.0.1')
    .describe(
      'The address on which the viewer page listens. "0.0.0.0" lets the local network watch, by a link with a token.',
    ),
});

export const BroadcastConfigSchema = z.strictObject({
  $schema: z.string().optional().describe('The JSON Schema of this file, for editors.'),
  input: InputSchema.default({ type: 'test-pattern' }),
  video: Video.prefault({}),
  audio: Audio.prefault({}),
  outputs: z
    .array(OutputSchema)
    .superRefine(uniqueIds('output'))
    .default([])
    .describe('Where the broadcast goes; without any, to the embedded live server.'),
  ingests: z
    .array(IngestSchema)
    .superRefine(uniqueIds('ingest'))
    .default([])
    .describe('Where OBS and other encoders publish to Bulkhead.'),
  liveServer: LiveServer.prefault({}),
  plugins: z.array(path).default([]).describe('Folders of plugins, or folders that hold such folders.'),
  pluginSettings: z
    .record(
      z.string(),
      z.record(
        z.string(),
        z.union(
          [z.string(), z.number(), z.boolean(), z.array(z.string())],
          'expected text, a number, true or false, or a list of texts',
        ),
      ),
    )
    .default({})
    .describe("Plugins' settings: by the plugin's id, then by the setting that its package.json declares."),
  profile: z
    .string()
    .regex(
      /^[a-z0-9][a-z0-9_-]{0,63}$/,
      'expected lower-case letters, digits, "-" and "_", 64 at most, such as "gaming"',
    )
    .default('default')
    .describe('A name for this kind of broadcast: plugins remember some things for each apart.'),
  allowApiProposals: z
    .record(z.string(), z.array(z.enum(API_PROPOSAL_NAMES)))
    .default({})
    .describe(
      "Proposed APIs that plugins may use, by the plugin's id. They may change with any version of Bulkhead.",
    ),
  ffmpeg: path.optional().describe('The ffmpeg to use.'),
});

/** The configuration with every default filled in. Keys of outputs are still references (`env:NAME`, `file:PATH`). */
export type BroadcastConfig = z.output<typeof BroadcastConfigSchema>;
/** The configuration as a person writes it. */
export type BroadcastConfigInput = z.input<typeof BroadcastConfigSchema>;
export type InputConfig = BroadcastConfig['input'];
export type VideoConfig = BroadcastConfig['video'];
export type AudioConfig = BroadcastConfig['audio'];
export type OutputConfig = BroadcastConfig['outputs'][number];
export type IngestConfig = BroadcastConfig['ingests'][number];
/** An input that is encoded here. */
export type SourceConfig = z.output<typeof SourceSchema>;

/** What an encoder is told: no output, no key, no plugin. */
export interface EncodeSettings {
  readonly input: SourceConfig;
  readonly video: VideoConfig;
  readonly audio: AudioConfig & Partial<AudioFormat>;
}

/** Of AAC-LC; 48 kHz and stereo where nothing else is to be matched. */
export interface AudioFormat {
  /** Hz */
  readonly sampleRate: number;
  readonly channels: 1 | 2;
}
