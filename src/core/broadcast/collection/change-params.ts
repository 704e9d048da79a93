import { checkValue } from '../../../base/check-value.js';
import * as z from '../../../base/zod.js';
import { ConfigError } from '../../../config/config-error.js';
import { describeIssue } from '../../../config/describe-issue.js';
import { EASINGS } from '../../../config/drawing-schema.js';
import { MOST_TRANSITION_MS, TRANSITION_SETTINGS } from '../../../config/scene-schema.js';
import type { TransitionChange } from '../../../protocol/scenes.js';

// Of requests that change what is shown and heard, whoever sends them.

/** Values in what one request says of a scene with its layers, of one layer, and of a source with a list of files; of overlays likewise. */
export const MAX_SCENE_VALUES = 1000;
export const MAX_LAYER_VALUES = 50;
export const MAX_SOURCE_VALUES = 1100;
export const MAX_OVERLAY_VALUES = 3000;
export const MAX_ELEMENT_VALUES = 50;

export const entryId = z.string().min(1).max(64);
/** What a scene, a layer or a source says is checked where it is changed, with the names that there are. */
export const entry = <T>() => z.looseObject({ id: entryId }) as unknown as z.ZodType<T>;
export const settingsChange = z.record(z.string().max(100), z.unknown());
/** How layers of a scene move, by their ids. */
export const moveLayers = {
  changes: z.record(entryId, settingsChange),
  durationMs: z.number().min(0).max(MOST_TRANSITION_MS),
  easing: z.enum(EASINGS),
};
export const entryPlace = z.int().min(0).max(100).optional();
export const TransitionChangeSchema = z.object({
  type: TRANSITION_SETTINGS.type.unwrap().optional(),
  durationMs: TRANSITION_SETTINGS.durationMs.unwrap().optional(),
  direction: TRANSITION_SETTINGS.direction.unwrap().optional(),
  source: entryId.optional(),
  cutMs: TRANSITION_SETTINGS.cutMs,
});

/** @throws ConfigError with every mistake found */
export function parseTransition(value: unknown): TransitionChange {
  const result = checkValue(TransitionChangeSchema.strict(), value, { reportInput: true });
  if (result.success) return result.data;
  const mistakes = result.error.issues.flatMap((issue) =>
    describeIssue(issue, () => Object.keys(TransitionChangeSchema.shape)),
  );
  throw new ConfigError(mistakes.map((message) => ({ where: 'transition', message })));
}
