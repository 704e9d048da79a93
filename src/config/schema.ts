import * as z from '../base/zod.js';
import { API_PROPOSAL_NAMES } from '../protocol/api-proposals.js';
import { CanvasesSchema } from './canvas-schema.js';
import {
  type ElementConfig,
  MOST_OVERLAYS,
  type OverlayConfig,
  OverlaySchema,
  OverlaysSchema,
} from './drawing-schema.js';
import { type AudioConfig, AudioSchema, type VideoConfig, VideoSchema } from './encoding-schema.js';
import { ID, LIVE_SERVER_OUTPUT, uniqueIds } from './ids.js';
import { type IngestConfig, IngestSchema } from './ingest-schema.js';
import { InputSchema } from './input-schema.js';
import { KeybindingsSchema } from './keybinding-schema.js';
import { LiveServerSchema } from './live-server-schema.js';
import { type MixerConfig, MixerSchema, type SourceSound, SourceSoundSchema } from './mixer-schema.js';
import { type OutputConfig, OutputSchema } from './output-schema.js';
import { type RecordingConfig, RecordingSchema } from './recording-schema.js';
import { uniqueFolders } from './relay-output-schema.js';
import { type ReplayConfig, ReplaySchema } from './replay-schema.js';
import type { RtmpConfig } from './rtmp-output-schema.js';
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
  type TextSource,
} from './source-schema.js';

/**
 * The broadcast's configuration: what a streamer writes (JSON with comments) and, with every default filled in, what
 * the core receives. One definition gives the types, the check and the JSON Schema (`schemas/bulkhead.schema.json`).
 */

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
  canvases: CanvasesSchema,
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
  delayFolder: path
    .optional()
    .describe(
      'Where delays are kept on disk, in files that only you can read and that are removed at the end. Without it, those above 60 s are in the cache folder of your account, and shorter ones in memory.',
    ),
  liveServer: LiveServerSchema.prefault({}).describe('The embedded live server and its viewer page.'),
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

export type {
  AudioConfig,
  ElementConfig,
  IngestConfig,
  LayerConfig,
  MixerConfig,
  NamedSource,
  OutputConfig,
  OverlayConfig,
  PluginFramesSource,
  PublishedSource,
  RecordingConfig,
  ReplayConfig,
  RtmpConfig,
  SceneConfig,
  SourceConfig,
  SourceFilters,
  SourceSound,
  TextSource,
  TransitionConfig,
  VideoConfig,
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
