import * as z from 'zod';
import { API_PROPOSAL_NAMES } from '../protocol/api-proposals.js';
import { findRtmpUrlProblem, RTMP_URL_PATTERN } from '../rtmp/rtmp-url.js';
import {
  type ElementConfig,
  MOST_OVERLAYS,
  type OverlayConfig,
  OverlaySchema,
  OverlaysSchema,
} from './drawing-schema.js';
import { ID, ID_MEANING, LIVE_SERVER_OUTPUT, OUTPUT_ID, uniqueIds } from './ids.js';
import { KeybindingsSchema } from './keybinding-schema.js';
import { type MixerConfig, MixerSchema, type SourceSound, SourceSoundSchema } from './mixer-schema.js';
import { DelaySeconds } from './output-delay.js';
import { OutputVideoSchema, OverlaysSchema as OverlaysOfOutput } from './output-video.js';
import { PlatformSchema, withPlatformUrl } from './platforms.js';
import { type RecordingConfig, RecordingSchema } from './recording-schema.js';
import { relayOutputs, uniqueFolders } from './relay-output-schema.js';
import { type ReplayConfig, ReplaySchema } from './replay-schema.js';
import {
  type LayerConfig,
  MOST_SCENES,
  type SceneConfig,
  SceneSchema,
  ScenesSchema,
  type TransitionConfig,
  TransitionSchema,
} from './scene-schema.js';
import {
  MOST_SOURCES,
  type NamedSource,
  NamedSourceSchema,
  type PluginFramesSource,
  type PublishedSource,
  path,
  SOURCE_TYPES,
  type SourceConfig,
  type SourceFilters,
  SourceSchema,
  sources,
  type TextSource,
} from './source-schema.js';

/**
 * The broadcast's configuration: what a streamer writes (JSON with comments) and, with every default filled in, what
 * the core receives. One definition gives the types, the check and the JSON Schema (`schemas/bulkhead.schema.json`).
 */

const ingestKey = z
  .string()
  .regex(
    /^(?:(?:env|file|keyring):.+|[^\s/?&#]+)$/,
    'expected "env:NAME", "file:PATH", "keyring:NAME" or a key without spaces, "/", "?", "&" and "#"',
  )
  .optional();

export const InputSchema = z.discriminatedUnion('type', [
  ...sources,
  z.strictObject({
    type: z.literal('source').describe('One of "sources".'),
    source: ID.describe('Its id.'),
  }),
  z.strictObject({
    type: z
      .literal('ingest')
      .describe('What OBS or another encoder publishes to Bulkhead, passed through as it is.'),
    ingest: ID.default('ingest').describe(
      'Id of one of "ingests". Without an ingest of that id, one is set up with this "key".',
    ),
    key: ingestKey.describe(
      'The key of an ingest that is not in "ingests": "env:NAME", "file:PATH", "keyring:NAME", or none to have one made and kept.',
    ),
    fallback: SourceSchema.default({ type: 'colour' }).describe(
      'What is on air while nothing is published: any input but "ingest" and "source".',
    ),
  }),
]);

const even = (value: number) => value % 2 === 0;

export const VideoSchema = z
  .strictObject({
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
    profile: z
      .enum(['baseline', 'main', 'high'])
      .default('high')
      .describe('Profile of H.264; HEVC and AV1 always have "main".'),
    bFrames: z
      .int()
      .min(0)
      .max(16)
      .default(0)
      .describe('B-frames in a row; more than 0 needs "tune": "none".'),
    lookahead: z
      .int()
      .min(0)
      .max(250)
      .default(0)
      .describe('Frames that rate control looks ahead; more than 0 needs "tune": "none".'),
  })
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

export const AudioSchema = z.strictObject({
  bitrateKbps: z
    .int()
    .min(32)
    .max(512)
    .default(160)
    .describe('Audio bitrate, kbit/s. It is AAC-LC, 48 kHz, stereo.'),
});

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
  delaySeconds: DelaySeconds,
  video: OutputVideoSchema,
  overlays: OverlaysOfOutput,
});
const RtmpOutput = RtmpFields.transform(withPlatformUrl);

/** Discriminated by `type`: a new kind of output is a branch here, and an `OutputProtocol` in the core. */
export const OutputSchema = z.discriminatedUnion('type', [RtmpOutput, ...relayOutputs]);

export const IngestSchema = z.strictObject({
  id: ID,
  key: ingestKey.describe(
    'The stream key that a publisher gives: "env:NAME" reads an environment variable, "file:PATH" the first line of a file. Without it, one is made and kept.',
  ),
  secondPublisher: z
    .enum(['replace', 'refuse'])
    .default('replace')
    .describe(
      'Whether a second publisher with the same key replaces the first or is refused. A first one that has sent nothing for 2 s is always replaced.',
    ),
  maxBitrateKbps: z
    .int()
    .min(100)
    .max(200_000)
    .default(60_000)
    .describe('A publisher that sends more, as a mean over 4 s, is disconnected; kbit/s.'),
});

const LiveServer = z.strictObject({
  enabled: z
    .boolean()
    .optional()
    .describe(
      'Whether the embedded live server serves the broadcast, with its viewer page. By default, only if there are no outputs.',
    ),
  rtmpPort: z
    .int()
    .min(1)
    .max(65535)
    .default(1935)
    .describe(
      'TCP port of RTMP. If it is in use, the next free one is taken; with an ingest it is an error.',
    ),
  httpPort: z
    .int()
    .min(1)
    .max(65535)
    .default(8000)
    .describe('TCP port of the viewer page. If it is in use, the next free one is taken.'),
  host: z
    .union([z.ipv4(), z.ipv6()], 'expected an IP address, such as "127.0.0.1" or "0.0.0.0"')
    .default('127.0.0.1')
    .describe(
      'IP address on which the viewer page listens. "0.0.0.0" lets the local network watch, by a link with a token.',
    ),
  rtmpHost: z
    .union([z.ipv4(), z.ipv6()], 'expected an IP address, such as "127.0.0.1" or "0.0.0.0"')
    .default('127.0.0.1')
    .describe(
      'IP address on which RTMP listens. "0.0.0.0" lets programs in the local network publish with an ingest\'s key, and players play with the token of "host". The key is not encrypted on the way.',
    ),
});

/** The value of one setting of a plugin; its manifest says which of these it is. */
export const PluginSettingSchema = z.union(
  [z.string(), z.number(), z.boolean(), z.array(z.unknown()), z.record(z.string(), z.unknown())],
  'expected text, a number, true or false, a list or an object',
);

export const BroadcastConfigSchema = z.strictObject({
  $schema: z.string().optional().describe('The JSON Schema of this file, for editors.'),
  input: InputSchema.default({ type: 'test-pattern' }).describe(
    'What is broadcast. Without it, the first of "sources"; the test pattern if there are none.',
  ),
  sources: z
    .array(NamedSourceSchema)
    .max(MOST_SOURCES)
    .superRefine(uniqueIds('source'))
    .default([])
    .describe('Inputs with a name, which can be fallbacks of each other.'),
  scenes: ScenesSchema.default([]).describe(
    'Arrangements of sources, of which one is on air. With scenes there is no "input".',
  ),
  startScene: ID.optional().describe('Id of the scene that is on air at first; without it, the first one.'),
  transition: TransitionSchema.prefault({}).describe('How one scene is replaced by another.'),
  mixer: MixerSchema.prefault({}).describe('How the sound of the sources of scenes is mixed.'),
  overlays: OverlaysSchema.default([]).describe('What is drawn above every scene, the first one lowest.'),
  video: VideoSchema.prefault({}).describe('How video is encoded.'),
  audio: AudioSchema.prefault({}).describe('How audio is encoded.'),
  outputs: z
    .array(OutputSchema)
    .superRefine(uniqueIds('output'))
    .superRefine(uniqueFolders)
    .default([])
    .describe('Where the broadcast is published. Without any, on the embedded live server.'),
  ingests: z
    .array(IngestSchema)
    .superRefine(uniqueIds('ingest'))
    .default([])
    .describe('Where OBS and other encoders publish to Bulkhead.'),
  liveServer: LiveServer.prefault({}).describe('The embedded live server and its viewer page.'),
  recording: RecordingSchema.prefault({}).describe('How the broadcast is recorded.'),
  replay: ReplaySchema.optional().describe(
    'Keeps the last seconds of the broadcast in memory, so that they can be saved as a replay. Without it, `bulkhead replay start` does that.',
  ),
  plugins: z.array(path).default([]).describe('Folders of plugins, or folders that hold such folders.'),
  pluginSettings: z
    .record(z.string(), z.record(z.string(), PluginSettingSchema))
    .default({})
    .describe("Settings of plugins: by the plugin's id, then by the name that its package.json declares."),
  profile: z
    .string()
    .regex(
      /^[a-z0-9][a-z0-9_-]{0,63}$/,
      'expected lower-case letters, digits, "-" and "_", 64 at most, such as "gaming"',
    )
    .default('default')
    .describe(
      'A name for this kind of broadcast, for which plugins remember some things apart: lower-case letters, digits, "-" and "_".',
    ),
  keybindings: KeybindingsSchema.default([]).describe(
    'Keys that run commands, before and in place of those that plugins declare; of two for one key, the last one.',
  ),
  globalHotkeys: z
    .boolean()
    .default(false)
    .describe(
      'Whether the keys in "keybindings" also work while another window has the focus: those with ctrl, alt or cmd, and function keys. Keys that plugins declare do not, unless they are repeated there. On Linux with X11 only.',
    ),
  language: z
    .string()
    .regex(/^[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8}){0,2}$/, 'expected a language such as "en" or "zh-cn"')
    .optional()
    .describe('The language of what plugins say, such as "zh-cn". Without it, that of the system.'),
  allowApiProposals: z
    .record(z.string(), z.array(z.enum(API_PROPOSAL_NAMES)))
    .default({})
    .describe(
      "Proposed APIs that plugins may use, by the plugin's id. They may change in any version of Bulkhead.",
    ),
  ffmpeg: path
    .optional()
    .describe('Path of the ffmpeg to use. Without it, one is found: `bulkhead doctor` says which.'),
});

/** The configuration with all defaults filled in. Keys of outputs are still references (`env:NAME`, `file:PATH`). */
export type BroadcastConfig = Omit<z.output<typeof BroadcastConfigSchema>, 'outputs'> & {
  outputs: OutputConfig[];
};
/** The configuration as written by a person. */
export type BroadcastConfigInput = z.input<typeof BroadcastConfigSchema>;
export type InputConfig = BroadcastConfig['input'];
export type VideoConfig = BroadcastConfig['video'];
export type AudioConfig = BroadcastConfig['audio'];
/** Settings that one kind of output has, and another has not, are undefined there. */
export type OutputConfig = WithAllKeys<z.output<typeof OutputSchema>>;
export type RtmpConfig = z.output<typeof RtmpOutput>;
export type IngestConfig = BroadcastConfig['ingests'][number];

type KeysOfAll<T> = T extends unknown ? keyof T : never;
type WithAllKeys<T, K extends PropertyKey = KeysOfAll<T>> = T extends unknown
  ? T & { readonly [Key in Exclude<K, keyof T>]?: undefined }
  : never;

export type {
  ElementConfig,
  LayerConfig,
  MixerConfig,
  NamedSource,
  OverlayConfig,
  PluginFramesSource,
  PublishedSource,
  RecordingConfig,
  ReplayConfig,
  SceneConfig,
  SourceConfig,
  SourceFilters,
  SourceSound,
  TextSource,
  TransitionConfig,
};
export {
  LIVE_SERVER_OUTPUT,
  MOST_OVERLAYS,
  MOST_SCENES,
  MOST_SOURCES,
  NamedSourceSchema,
  OverlaySchema,
  SceneSchema,
  SOURCE_TYPES,
  SourceSoundSchema,
};
