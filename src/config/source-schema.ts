import * as z from '../base/zod.js';
import { TEXT_SOURCE } from './drawing-schema.js';
import { ID, MOST_PLUGIN_ID, PLUGIN_ID } from './ids.js';

export const path = z
  .string()
  .min(1)
  .describe('A path; a relative one counts from the folder of the configuration file.');

const offset = z.int().min(0).max(32_767).default(0);
const side = z.int().min(16).max(16_384);

const RegionSchema = z.strictObject({
  x: offset.describe('From the left edge, pixels.'),
  y: offset.describe('From the top edge, pixels.'),
  width: side.describe('Pixels.'),
  height: side.describe('Pixels.'),
});

/** What can be encoded: a source of video and audio. */
export const sources = [
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

export const SourceSchema = z.discriminatedUnion('type', sources);

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

/** What was saved of the broadcast itself. */
const replaySource = z.strictObject({
  type: z
    .literal('replay')
    .describe(
      'The replay that was saved last, from its beginning each time that it gets on air. Only in "sources" that scenes show.',
    ),
  loop: z.boolean().default(false).describe('Loop it; without that, its last frame stays.'),
});

/** Every `type` of a source. */
export const SOURCE_TYPES = [
  ...['test-pattern', 'file', 'image', 'url', 'screen', 'camera', 'microphone', 'desktop-audio', 'colour'],
  ...['playlist', 'browser', 'ingest', 'text', 'plugin', 'replay'],
] as readonly NamedSource['type'][];

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
  addedBy: z
    .string()
    .regex(PLUGIN_ID)
    .max(MOST_PLUGIN_ID)
    .optional()
    .describe('Id of the plugin that has added it; Bulkhead notes it by itself.'),
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
  replaySource.extend(NAMED),
]);

export type NamedSource = z.output<typeof NamedSourceSchema>;

/** What is published to an ingest, as the encoder reads it. */
export interface PublishedSource {
  readonly type: 'ingest';
  /** Id of the ingest. */
  readonly ingest: string;
  /** Where the embedded live server plays it, on this machine. */
  readonly url: string;
}

/** The latest replay. */
export type ReplaySource = z.output<typeof replaySource> & {
  /** Path of its file; undefined before the first is saved. */
  readonly file?: string | undefined;
};
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
  | ReplaySource
) & {
  readonly filters?: SourceFilters | undefined;
};
