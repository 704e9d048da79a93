import * as z from '../base/zod.js';
import { ID, uniqueIds } from './ids.js';

/** Of frames, pixels: what lies further outside is never seen. */
const MOST_PIXELS = 16_384;
const MOST_LAYERS = 50;
/** As many scenes as a broadcast may have. */
export const MOST_SCENES = 200;
export const MOST_TRANSITION_MS = 10_000;

const side = z.number().min(0).max(1).default(0);
const pixels = z.int().min(-MOST_PIXELS).max(MOST_PIXELS).default(0);
const length = z.int().min(2).max(MOST_PIXELS).optional();

const CropSchema = z
  .strictObject({
    left: side.describe("What is cut off on the left: 0.1 is a tenth of the source's width."),
    top: side.describe("Likewise, of the source's height."),
    right: side.describe('Likewise.'),
    bottom: side.describe('Likewise.'),
  })
  .superRefine(({ left, top, right, bottom }, context) => {
    for (const [name, other, sum] of [
      ['right', 'left', left + right],
      ['bottom', 'top', top + bottom],
    ] as const) {
      if (sum < 1) continue;
      const message = `expected less than 1 together with "${other}", so that something is left`;
      context.addIssue({ code: 'custom', path: [name], input: sum, message });
    }
  });

const MaskSchema = z.strictObject({
  source: ID.describe('Id of the source whose frames are the mask. It fills what the layer shows.'),
  by: z
    .enum(['alpha', 'luma'])
    .default('alpha')
    .describe('What of it counts: "alpha" is how opaque it is, "luma" how bright.'),
  inverted: z.boolean().default(false).describe('Hides what it would show, and shows what it would hide.'),
});

const LayerSettings = z.strictObject({
  id: ID,
  source: ID.optional().describe('Id of one of "sources", or without it:'),
  scene: ID.optional().describe('Id of another scene, which is shown as a whole.'),
  x: pixels.describe('Where its left edge is on the frame, pixels.'),
  y: pixels.describe('Where its top edge is on the frame, pixels.'),
  width: length.describe("Width of its place, pixels; the frame's without it."),
  height: length.describe("Height of its place, pixels; the frame's without it."),
  crop: CropSchema.prefault({}).describe('What is cut off the source before it is fitted.'),
  fit: z
    .enum(['contain', 'cover', 'stretch', 'none'])
    .default('contain')
    .describe(
      'How the source is fitted into its place: "contain" shows all of it, "cover" fills the place and cuts off the rest, "stretch" fills it and changes the aspect ratio, "none" shows the source as large as it is, up to twice the frame, and cuts off what is larger than the place.',
    ),
  opacity: z.number().min(0).max(1).default(1).describe('0 is invisible, 1 opaque.'),
  radius: z
    .int()
    .min(0)
    .max(MOST_PIXELS)
    .default(0)
    .describe('Radius of its rounded corners, pixels; half of its smaller side at most.'),
  mask: MaskSchema.optional().describe(
    'Shows the layer only where a source is opaque or bright: an image, a text, a video. The layer is not shown before that source is.',
  ),
  rotate: z
    .literal([0, 90, 180, 270])
    .default(0)
    .describe('Turns it clockwise, degrees; its place is that of what is turned.'),
  visible: z.boolean().default(true).describe('Whether it is shown.'),
});

const LayerSchema = LayerSettings.superRefine(({ source, scene }, context) => {
  if ((source === undefined) !== (scene === undefined)) return;
  const path = [source === undefined ? 'source' : 'scene'];
  const message = 'expected either "source" or "scene"';
  context.addIssue({ code: 'custom', path, input: scene, message });
});

export const SceneSchema = z.strictObject({
  id: ID,
  layers: z
    .array(LayerSchema)
    .max(MOST_LAYERS)
    .superRefine(uniqueIds('layer of this scene'))
    .default([])
    .describe('What is shown, the first layer lowest.'),
});

export const ScenesSchema = z.array(SceneSchema).max(MOST_SCENES).superRefine(uniqueIds('scene'));

/** The settings of a transition, each by itself. */
export const TRANSITION_SETTINGS = {
  type: z
    .enum(['cut', 'fade', 'slide', 'move', 'stinger'])
    .default('cut')
    .describe(
      '"cut" changes from one frame to the next, "fade" blends the scenes, "slide" moves the one out and the other in, "move" moves what both show from its place in the one to that in the other and fades the rest, "stinger" hides the change behind a video.',
    ),
  durationMs: z
    .int()
    .min(0)
    .max(MOST_TRANSITION_MS)
    .default(300)
    .describe('How long it takes, unless it is a cut, ms.'),
  direction: z
    .enum(['left', 'right', 'up', 'down'])
    .default('left')
    .describe('Where to the scenes move in a slide.'),
  source: ID.optional().describe(
    'Id of the source of a stinger: a video, transparent where the scenes are to be seen. It is played from its beginning, with its sound.',
  ),
  cutMs: z
    .int()
    .min(0)
    .max(MOST_TRANSITION_MS)
    .optional()
    .describe(
      'When a stinger hides the frame, and one scene is replaced by the other, ms; halfway without it.',
    ),
};

export const TransitionSchema = z
  .strictObject(TRANSITION_SETTINGS)
  .superRefine(({ type, source }, context) => {
    if (type !== 'stinger' || source !== undefined) return;
    const message = 'expected the "source" of the stinger';
    context.addIssue({ code: 'custom', path: ['source'], input: source, message });
  });

export type SceneConfig = z.output<typeof SceneSchema>;
export type MaskConfig = z.output<typeof MaskSchema>;
export type LayerConfig = z.output<typeof LayerSchema>;
export type TransitionConfig = z.output<typeof TransitionSchema>;
