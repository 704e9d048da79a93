import * as z from '../base/zod.js';
import { ConfigError, type ConfigMistake } from './config-error.js';
import type { ConfigPath } from './config-path.js';

// What an output may have encoded for itself.

/** Encodes of their own that the outputs of a broadcast may have, besides the programme's. Each takes about as much CPU as that. */
export const MOST_RENDITIONS = 4;

export const OutputVideoSchema = z
  .strictObject({
    bitrateKbps: z.int().min(50).max(100_000).optional().describe('Its video bitrate, kbit/s.'),
    height: z
      .int()
      .min(16)
      .max(4320)
      .refine((value) => value % 2 === 0, 'expected an even number')
      .optional()
      .describe(
        'Its frame height, pixels; an even number, at most that of "video". The width follows from it.',
      ),
    preset: z
      .string()
      .max(100)
      .min(1)
      .optional()
      .describe('How much CPU its frames may cost, as "preset" of "video".'),
    bFrames: z
      .literal(0, 'expected 0')
      .optional()
      .describe('0 for an encode without B-frames where "video" has some: players of WebRTC show none.'),
  })
  .refine(
    ({ bitrateKbps, height, preset, bFrames }) =>
      [bitrateKbps, height, preset, bFrames].some((value) => value !== undefined),
    'expected "bitrateKbps", "height", "preset" or "bFrames"',
  )
  .optional()
  .describe(
    'An encode of its own for this output, from the same frames. What is not said here is as in "video". Outputs that say the same share one; a broadcast may have 4.',
  );

export const OUTPUT_VIDEO_SETTINGS = ['bitrateKbps', 'height', 'preset', 'bFrames'] as const;

export type OutputVideo = NonNullable<z.output<typeof OutputVideoSchema>>;

export const OverlaysSchema = z
  .boolean()
  .optional()
  .describe(
    'False for a clean feed: the scenes without the overlays above them, in an encode of its own as "video" says.',
  );

/** Of an output: what says which encode it takes. */
export interface EncodedOutput {
  readonly video?: OutputVideo | undefined;
  readonly overlays?: boolean | undefined;
  /** Id of a source that is encoded alone. */
  readonly source?: string | undefined;
  /** Id of the canvas that it shows; the main one without it. */
  readonly canvas?: string | undefined;
}

/** The same text for outputs that share an encode of their own; undefined for those that take the programme's. */
export function renditionKey({ video, overlays = true, source, canvas }: EncodedOutput): string | undefined {
  if (video === undefined && overlays && source === undefined && canvas === undefined) return undefined;
  const { bitrateKbps = null, height = null, preset = null, bFrames = null } = video ?? {};
  // Overlays are drawn above the main canvas alone.
  const isDrawnOver = overlays || canvas !== undefined;
  return JSON.stringify([bitrateKbps, height, preset, bFrames, isDrawnOver, source ?? null, canvas ?? null]);
}

interface EncodedConfig {
  readonly outputs: readonly (EncodedOutput & {
    readonly id: string;
    readonly type: string;
    readonly enhancedBroadcasting?: unknown;
  })[];
  readonly video: { readonly height: number; readonly bFrames: number };
  readonly input: { readonly type: string };
  readonly canvases: readonly { readonly id: string; readonly height: number }[];
}

/** What is wrong with the encodes that these outputs ask for, with the number of the output and the setting. */
export function findRenditionMistakes({ outputs, video, input, canvases }: EncodedConfig): readonly {
  readonly index: number;
  readonly setting: 'video' | 'canvas';
  readonly message: string;
}[] {
  const keys = [...new Set(outputs.map(renditionKey).filter((key) => key !== undefined))];
  return outputs.flatMap((output, index) => {
    if (output.type === 'whip' && input.type !== 'ingest' && (output.video?.bFrames ?? video.bFrames) > 0) {
      const message =
        'players of WebRTC show no B-frames: set "bFrames" to 0, here for this output alone or in the "video" of all';
      return [{ index, setting: 'video', message }];
    }
    const key = renditionKey(output);
    const isEnhanced = output.enhancedBroadcasting !== undefined && output.enhancedBroadcasting !== false;
    if (key === undefined && !(isEnhanced && input.type === 'ingest')) return [];
    const { height } = output.video ?? {};
    const setting = output.canvas === undefined ? 'video' : 'canvas';
    if (input.type === 'ingest') {
      const message =
        'what is published is passed through as it is, and not encoded; to have it encoded, use it as a source of the type "ingest"';
      return [{ index, setting, message }];
    }
    const shown = output.canvas === undefined ? video : canvases.find(({ id }) => id === output.canvas);
    if (shown === undefined) {
      const known = canvases.map(({ id }) => `"${id}"`).join(', ');
      const message = `expected the id of one of "canvases"${known === '' ? ', of which there are none' : `: ${known}`}`;
      return [{ index, setting, message }];
    }
    if (height !== undefined && height > shown.height) {
      const message = `expected a height of ${shown.height} or less, got ${height}`;
      return [{ index, setting: 'video', message }];
    }
    if (key === undefined || keys.indexOf(key) < MOST_RENDITIONS) return [];
    return [
      {
        index,
        setting,
        message: `the outputs ask for more than ${MOST_RENDITIONS} different encodes of their own`,
      },
    ];
  });
}

/** @throws ConfigError with every mistake found */
export function checkRenditions(config: EncodedConfig, where: (path: ConfigPath) => string): void {
  const mistakes = findRenditionMistakes(config).map(({ index, setting, message }): ConfigMistake => {
    const path = ['outputs', index, setting];
    return { where: where(path), message: `outputs[${index}].${setting}: ${message}` };
  });
  if (mistakes.length > 0) throw new ConfigError(mistakes);
}
