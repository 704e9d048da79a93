import type { AnimationConfig, KeyframeConfig } from '../config/drawing-schema.js';

type Property = 'x' | 'y' | 'opacity';
const PROPERTIES: readonly Property[] = ['x', 'y', 'opacity'];

/** Values of animated properties; those that are not animated are as they are set. */
export type AnimatedValues = Readonly<Record<Property, number>>;

/**
 * What an animation makes of the values.
 *
 * @param elapsedMs since it began; before 0 it is as at 0
 */
export function animated(
  { x, y, opacity }: AnimatedValues,
  animation: AnimationConfig | undefined,
  elapsedMs: number,
): AnimatedValues {
  if (animation === undefined) return { x, y, opacity };
  const length = durationMs(animation);
  const atMs = animation.repeat && length > 0 ? Math.max(0, elapsedMs) % length : elapsedMs;
  const value = (property: Property, set: number) => valueAt(animation[property] ?? [], atMs) ?? set;
  return { x: value('x', x), y: value('y', y), opacity: value('opacity', opacity) };
}

/** When its last keyframe is reached, ms. */
function durationMs(animation: AnimationConfig): number {
  return Math.max(0, ...PROPERTIES.map((property) => animation[property]?.at(-1)?.atMs ?? 0));
}

/** Undefined without keyframes. */
function valueAt(keyframes: readonly KeyframeConfig[], atMs: number): number | undefined {
  const next = keyframes.findIndex((keyframe) => keyframe.atMs > atMs);
  if (next < 0) return keyframes.at(-1)?.value;
  const [before, after] = [keyframes[next - 1], keyframes[next]];
  if (before === undefined || after === undefined) return after?.value;
  const progress = eased((atMs - before.atMs) / (after.atMs - before.atMs), after.easing);
  return before.value + (after.value - before.value) * progress;
}

/** @param progress from 0 to below 1 */
export function eased(progress: number, easing: KeyframeConfig['easing']): number {
  switch (easing) {
    case 'linear':
      return progress;
    case 'ease-in':
      return progress ** 3;
    case 'ease-out':
      return 1 - (1 - progress) ** 3;
    case 'ease-in-out':
      return progress < 0.5 ? 4 * progress ** 3 : 1 - (2 - 2 * progress) ** 3 / 2;
    case 'step':
      return 0;
  }
}
