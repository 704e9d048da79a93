import * as z from 'zod';
import { API_PROPOSAL_NAMES } from '../protocol/api-proposals.js';
import { findRtmpUrlProblem, RTMP_URL_PATTERN } from '../rtmp/rtmp-url.js';
import {
  type ElementConfig,
  MOST_OVERLAYS,
  type OverlayConfig,
  OverlaySchema,
  OverlaysSchema,
  TEXT_SOURCE,
} from './drawing-schema.js';
import { ID, ID_MEANING, MOST_PLUGIN_ID, PLUGIN_ID, uniqueIds } from './ids.js';
import { type MixerConfig, MixerSchema, type SourceSound, SourceSoundSchema } from './mixer-schema.js';
import {
  type LayerConfig,
  MOST_SCENES,
  type SceneConfig,
  SceneSchema,
  ScenesSchema,
  type TransitionConfig,
  TransitionSchema,
} from './scene-schema.js';

/**
 * The broadcast's configuration: what a streamer writes (JSON with comments) and, with every default filled in, what
 * the core receives. One definition gives the types, the check and the JSON Schema (`schemas/bulkhead.schema.json`).
 */

const path = z
  .string()
  .min(1)
  .describe('A path; a relative one counts from the folder of the configuration file.');

/** The output that publishes to the embedded live server. */
export const LIVE_SERVER_OUTPUT = 'live-server';

const offset = z.int().min(0).max(32_767).default(0);
const side = z.int().min(16).max(16_384);

const RegionSchema = z.strictObject({
  x: offset.describe('From the left edge, pixels.'),
  y: offset.describe('From the top edge, pixels.'),
  width: side.describe('Pixels.'),
  height: side.describe('Pixels.'),
});

/** What can be encoded: a source of video and audio. */
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
    type: z.literal('url').describe('A live or recorded stream that ffmpeg reads from the network.'),
    url: z
      .string()
      .regex(
        /^(rtmps?|rtsps?|srt|https?|udp|tcp):\/\//i,
        'expected an rtmp, rtsp, srt, http, udp or tcp address',
      )
      .describe(
        'An address that begins with rtmp, rtmps, rtsp, rtsps, srt, http, https, udp or tcp. Passwords and keys in it are hidden in the log and the status, but every user of this computer sees them in the list of processes.',
      ),
  }),
  z.strictObject({
    type: z.literal('screen').describe('The screen, a part of it, or one window.'),
    display: z
      .string()
      .optional()
      .describe(
        'X display such as ":0.0", or the screen\'s number on macOS; without it, the display of this session.',
      ),
    region: RegionSchema.optional().describe(
      'A part of the screen, or of the window: "x" and "y" of its upper left corner, "width" and "height", pixels. It has to lie within it.',
    ),
    window: z
      .string()
      .min(1)
      .max(200)
      .optional()
      .describe(
        'One window alone: a part of its title, in capitals or not. On X11 with ffmpeg 4.4 or newer, and on Windows. It must not be minimized.',
      ),
    microphone: z
      .string()
      .optional()
      .describe('An audio device; "default" takes the system\'s. Without it there is silence.'),
  }),
  z.strictObject({
    type: z.literal('camera').describe('A camera.'),
    device: z
      .string()
      .optional()
      .describe("For example /dev/video0, or the device's name on macOS and Windows; without it, the first."),
    microphone: z
      .string()
      .optional()
      .describe('An audio device; "default" takes the system\'s. Without it there is silence.'),
  }),
  z.strictObject({
    type: z.literal('microphone').describe('A microphone alone, with a still image.'),
    device: z.string().optional().describe("An audio device; the system's default without it."),
  }),
  z.strictObject({
    type: z
      .literal('desktop-audio')
      .describe(
        'What this computer plays, with a still image. On Linux with PulseAudio, or with PipeWire in its place.',
      ),
    device: z
      .string()
      .min(1)
      .max(500)
      .optional()
      .describe(
        'The monitor of one output, as `bulkhead doctor` lists it; without it, that of the default output.',
      ),
  }),
  z.strictObject({ type: z.literal('colour').describe('A plain colour, with silence.') }),
  z.strictObject({
    type: z.literal('playlist').describe('Media files and images, one after the other.'),
    items: z
      .array(path)
      .min(1)
      .max(1000)
      .describe('Paths of media files, and of lists of them (.m3u, .m3u8), whose paths count from the list.'),
    imageSeconds: z
      .number()
      .min(0.1)
      .max(86_400)
      .default(10)
      .describe('How long each image of the list is shown, seconds.'),
    shuffle: z
      .boolean()
      .default(false)
      .describe('Whether they are played in another order each time round, each of them once.'),
    loop: z.boolean().default(true).describe('Loop the whole list; false ends the broadcast with it.'),
  }),
  z.strictObject({
    type: z
      .literal('browser')
      .describe(
        'A web page, with silence: what the page leaves transparent stays so. It is shown by the Chromium, Chrome or Edge of this computer, and its sound is not heard.',
      ),
    url: z
      .string()
      .max(2000)
      .regex(/^(https?|file):\/\/\S+$/i, 'expected an address that begins with http://, https:// or file://')
      .describe(
        'An address that begins with http, https or file. Passwords and keys in it are hidden in the log and the status.',
      ),
    width: z.int().min(16).max(1920).default(800).describe('How wide the page is laid out, pixels.'),
    height: z.int().min(16).max(1080).default(600).describe('How high, pixels.'),
    fps: z.int().min(1).max(30).default(10).describe('Frames per second at most, while the page changes.'),
    css: z.string().max(20_000).optional().describe('Styles that are added to those of the page.'),
    browser: path
      .optional()
      .describe('Path of the browser. Without it, one is searched for on the PATH and in the usual places.'),
  }),
] as const;

const SourceSchema = z.discriminatedUnion('type', sources);

/** What is published to an ingest, which has to be named to be decoded: as the input, it is passed through. */
const publishedSource = z.strictObject({
  type: z
    .literal('ingest')
    .describe(
      'What OBS or another encoder publishes to Bulkhead, decoded and encoded again. Only in "sources": as the "input" it is passed through.',
    ),
  ingest: ID.default('ingest').describe(
    'Id of one of "ingests". If that list is empty, one is set up with this id, and its key is made and kept.',
  ),
});

/** What scenes alone can show: the rest of the frame is seen behind it. */
const textSource = z.strictObject({
  type: z
    .literal('text')
    .describe('Text, as large as the place of its layer. Only in "sources" that scenes show.'),
  ...TEXT_SOURCE,
});

/** What a plugin draws frame by frame. */
const pluginSource = z.strictObject({
  type: z
    .literal('plugin')
    .describe(
      'Frames that a plugin makes, with silence: what it leaves transparent stays so. Only in "sources" that scenes show.',
    ),
  plugin: z
    .string()
    .regex(PLUGIN_ID, 'expected the id of a plugin, such as "someone.meters"')
    .max(MOST_PLUGIN_ID)
    .describe(
      'Id of the plugin, as `bulkhead plugin list` shows it. It has to run, with the permission `sources`.',
    ),
});

/** Every `type` of a source. */
export const SOURCE_TYPES = [...sources, publishedSource, textSource, pluginSource].map(
  ({ shape }) => shape.type.value,
);

const ChromaKeySchema = z.strictObject({
  colour: z
    .string()
    .regex(/^#[0-9a-fA-F]{6}$/, 'expected a colour such as "#00ff00"')
    .default('#00ff00')
    .describe('What gets transparent: red, green and blue in hexadecimal digits.'),
  similarity: z.number().min(0.01).max(1).default(0.15).describe('How similar to that it has to be.'),
  smoothness: z.number().min(0).max(1).default(0.1).describe('How gradually its edges fade.'),
});

const FiltersSchema = z.strictObject({
  brightness: z.number().min(-1).max(1).default(0).describe('-1 is black, 1 white.'),
  contrast: z.number().min(0).max(4).default(1).describe('0 is grey; 2 doubles all differences.'),
  saturation: z.number().min(0).max(4).default(1).describe('0 is black and white.'),
  gamma: z.number().min(0.1).max(10).default(1).describe('Above 1 what is dark gets brighter.'),
  hueDegrees: z.number().min(-180).max(180).default(0).describe('Turns all colours.'),
  lut: path.optional().describe('A table of colours, such as a .cube file.'),
  chromaKey: ChromaKeySchema.optional().describe(
    'Makes one colour transparent, such as that of a green screen.',
  ),
  blur: z.number().min(0).max(100).default(0).describe('Of so many pixels.'),
  sharpen: z.number().min(0).max(5).default(0).describe('1 is clearly sharper.'),
  noiseReductionDb: z
    .number()
    .min(0)
    .max(97)
    .default(0)
    .describe('How much quieter steady noise in its sound gets, such as that of a fan, dB; 12 is usual.'),
});

export type SourceFilters = z.output<typeof FiltersSchema>;

/** As many sources as a broadcast may have. */
export const MOST_SOURCES = 100;

const NAMED = {
  id: ID,
  fallback: ID.optional().describe(
    'Id of the source that is on air while this one delivers nothing. Without it, a plain frame.',
  ),
  filters: FiltersSchema.optional().describe('Colours, sharpness, and noise in its sound.'),
  warm: z
    .boolean()
    .default(false)
    .describe(
      'Whether it is opened with the broadcast, to be there at once, and not only when it is needed.',
    ),
};
// What is drawn needs no ffmpeg, whose filters those are.
const { filters: _, ...NAMED_DRAWN } = NAMED;
const [pattern, file, image, url, screen, camera, microphone, desktopAudio, colour, playlist, browser] =
  sources;

export const NamedSourceSchema = z.discriminatedUnion('type', [
  pattern.extend(NAMED),
  file.extend(NAMED),
  image.extend(NAMED),
  url.extend(NAMED),
  screen.extend(NAMED),
  camera.extend(NAMED),
  microphone.extend(NAMED),
  desktopAudio.extend(NAMED),
  colour.extend(NAMED),
  playlist.extend(NAMED),
  browser.extend(NAMED),
  textSource.extend(NAMED_DRAWN),
  pluginSource.extend(NAMED_DRAWN),
  publishedSource.extend(NAMED),
]);

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
      'The key of an ingest that is not in "ingests": "env:NAME", "file:PATH", or none to have one made and kept.',
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

const RtmpOutput = z.strictObject({
  id: ID.refine(
    (id) => id !== LIVE_SERVER_OUTPUT,
    `expected another id: "${LIVE_SERVER_OUTPUT}" is the embedded live server's`,
  ).describe(ID_MEANING),
  // Optional as well, since the branch of a union is chosen by the value as written.
  type: z.literal('rtmp').optional().default('rtmp').describe('RTMP or RTMPS; the only kind so far.'),
  url: z
    .string()
    .superRefine((url, context) => {
      const message = findRtmpUrlProblem(url);
      if (message !== undefined) context.addIssue({ code: 'custom', input: url, message });
    })
    .meta({
      description:
        'The server and the application: rtmp:// or rtmps://. The key may be its last part, but is better kept in "key".',
      pattern: RTMP_URL_PATTERN,
    }),
  key: z
    .string()
    .min(1)
    .optional()
    .describe(
      'The stream key: "env:NAME" reads an environment variable, "file:PATH" the first line of a file.',
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
});

/** Discriminated by `type`: a new kind of output is a branch here, and an `OutputProtocol` in the core. */
export const OutputSchema = z.discriminatedUnion('type', [RtmpOutput]);

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
    .default([])
    .describe('Where the broadcast is published. Without any, on the embedded live server.'),
  ingests: z
    .array(IngestSchema)
    .superRefine(uniqueIds('ingest'))
    .default([])
    .describe('Where OBS and other encoders publish to Bulkhead.'),
  liveServer: LiveServer.prefault({}).describe('The embedded live server and its viewer page.'),
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
export type BroadcastConfig = z.output<typeof BroadcastConfigSchema>;
/** The configuration as written by a person. */
export type BroadcastConfigInput = z.input<typeof BroadcastConfigSchema>;
export type InputConfig = BroadcastConfig['input'];
export type VideoConfig = BroadcastConfig['video'];
export type AudioConfig = BroadcastConfig['audio'];
export type OutputConfig = BroadcastConfig['outputs'][number];
export type IngestConfig = BroadcastConfig['ingests'][number];
export type NamedSource = BroadcastConfig['sources'][number];
/** What is published to an ingest, as the encoder reads it. */
export interface PublishedSource {
  readonly type: 'ingest';
  /** Id of the ingest. */
  readonly ingest: string;
  /** Where the embedded live server plays it, on this machine. */
  readonly url: string;
}

/** Text that scenes show. */
export type TextSource = z.output<typeof textSource>;
/** Frames of a plugin that scenes show. */
export type PluginFramesSource = z.output<typeof pluginSource>;

/** An input that is encoded by Bulkhead. */
export type SourceConfig = (
  | z.output<typeof SourceSchema>
  | PublishedSource
  | TextSource
  | PluginFramesSource
) & {
  readonly filters?: SourceFilters | undefined;
};

/** Settings sent to an encoder: no output, no key, no plugin. */
export interface EncodeSettings {
  readonly input: SourceConfig;
  readonly video: VideoConfig;
  readonly audio: AudioConfig & Partial<AudioFormat>;
  /** Its id in the configuration, if it has one. */
  readonly inputId?: string;
  /** What is on air while the input delivers nothing; a plain frame without it. */
  readonly fallback?: FallbackConfig;
}

/** Everything that can be on air, and what is. */
export interface StageConfig {
  readonly sources: readonly StageSource[];
  readonly scenes: readonly SceneConfig[];
  /** Id of the scene on air. */
  readonly programme: string;
  /** Id of the scene that is made ready, to be on air next. */
  readonly preview?: string;
  readonly mixer: MixerConfig;
  /** Drawn above every scene, the first one lowest. */
  readonly overlays: readonly StageOverlay[];
}

/** An overlay as it is on air. */
export interface StageOverlay extends OverlayConfig {
  /** When it was shown or its animation was changed, from which times count: ms since 1970. */
  readonly sinceMs: number;
  /** Folders in which its images and fonts have to be, wherever links lead; any without them. */
  readonly folders?: readonly string[] | undefined;
}

/** A source of scenes. */
export interface StageSource {
  readonly id: string;
  readonly input: SourceConfig;
  /** Id of the source that is shown in its place while it delivers nothing. */
  readonly fallback?: string;
  /** Whether it is open while no scene on air has it. */
  readonly warm: boolean;
}

export type {
  ElementConfig,
  LayerConfig,
  MixerConfig,
  OverlayConfig,
  SceneConfig,
  SourceSound,
  TransitionConfig,
};
export { MOST_OVERLAYS, MOST_SCENES, OverlaySchema, SceneSchema, SourceSoundSchema };

/** What is on air in place of a source that delivers nothing. */
export interface FallbackConfig {
  /** Its id in the configuration. */
  readonly id: string;
  readonly input: SourceConfig;
  /** Whether it is opened before it is needed. */
  readonly warm: boolean;
}

/** Format of AAC-LC; 48 kHz stereo unless another stream has to be matched. */
export interface AudioFormat {
  /** Hz */
  readonly sampleRate: number;
  readonly channels: 1 | 2;
}
