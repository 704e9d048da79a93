import type { VideoConfig } from '../../config/schema.js';

/** The fixed audio format of every broadcast: restarts must not change it, since servers and players ignore changes. */
export const SAMPLE_RATE = 48_000;

/**
 * Escapes a value in a filtergraph description, twice: for the filter's option list and for the graph around it
 * (ffmpeg-filters(1), "Notes on filtergraph escaping").
 */
export function escapeFilterValue(value: string): string {
  const asOption = value.replace(/[\\':]/g, '\\$&');
  return asOption.replace(/[\\'[\],; ]/g, '\\$&');
}

/** The exact frame rate for ffmpeg: NTSC's rates are fractions. */
export function frameRate(fps: number): string {
  const ntsc = Math.round(fps * 1.001);
  return Math.abs((ntsc * 1000) / 1001 - fps) < 0.005 && !Number.isInteger(fps)
    ? `${ntsc * 1000}/1001`
    : String(fps);
}

/** Colour tags of every programme. */
export const BT709_TAGS = [
  '-colorspace',
  'bt709',
  '-color_primaries',
  'bt709',
  '-color_trc',
  'bt709',
  '-color_range',
  'tv',
] as const;

/**
 * Audio on one continuous clock: gaps are filled with silence, a drifting source is stretched. `flags=res` enables the
 * resampler from the start: one that is enabled only at the first correction, as for 48 kHz sound, starts over at that
 * point and loses the offset so far. No `first_pts`: each time the resampler starts over, and each time the input's format
 * changes, that would insert silence from 0 to the present.
 */
export const STEADY_AUDIO = `aresample=${SAMPLE_RATE}:async=1000:flags=res`;

/** The frame for an input without video. */
export function plainFrame({ width, height, fps }: Pick<VideoConfig, 'width' | 'height' | 'fps'>): string {
  return `color=color=0x1b2a38:size=${width}x${height}:rate=${frameRate(fps)},format=yuv420p`;
}
