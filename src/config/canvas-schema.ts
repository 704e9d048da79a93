import * as z from '../base/zod.js';
import { MAIN_CANVAS } from '../scenes/main-canvas.js';
import { ID, uniqueIds } from './ids.js';
import { ScenesSchema } from './scene-schema.js';

export { MAIN_CANVAS };

/** Canvases besides the main one. */
export const MOST_CANVASES = 4;

const side = z
  .int()
  .min(16)
  .max(4320)
  .refine((value) => value % 2 === 0, 'expected an even number');

const CanvasSchema = z.strictObject({
  id: ID.refine((id) => id !== MAIN_CANVAS, `expected another id: "${MAIN_CANVAS}" is that of "scenes"`),
  width: side.default(720).describe('Frame width, pixels; an even number.'),
  height: side.default(1280).describe('Frame height, pixels; an even number.'),
  scenes: ScenesSchema.min(1, 'expected at least one scene').describe(
    'Its scenes, as "scenes", of the same "sources". Places are in its own pixels.',
  ),
  startScene: ID.optional().describe('Id of its scene that is on air at first; without it, the first one.'),
});

export const CanvasesSchema = z
  .array(CanvasSchema)
  .max(MOST_CANVASES)
  .superRefine(uniqueIds('canvas'))
  .default([])
  .describe(
    'Further frames of another size, such as upright ones, with scenes of their own for outputs that name them in "canvas". Frame rate, sound and encoder are those of the broadcast; overlays are not drawn there.',
  );

export const CanvasOfOutputSchema = ID.optional().describe(
  'Id of one of "canvases" that this output shows, in place of "scenes".',
);

export type CanvasConfig = z.output<typeof CanvasSchema>;
