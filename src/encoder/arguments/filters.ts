import type { VideoConfig } from '../../config/schema.js';

/** The pinned audio of every broadcast: restarts must not change it, since servers and players ignore a new one. */
export const SAMPLE_RATE = 48_000;

/** The filter that a live `volume` command reaches, as `EncoderCommandParams.target`. */
export const VOLUME_FILTER = 'volume@main';

/**
 * A value inside a filtergraph description, escaped twice: for the option list of the filter and for the graph
 * around it (ffmpeg-filters(1), "Notes on filtergraph escaping").
 */
export function escapeFilterValue(value: string): string {
  const asOption = value.replace(/[\\':]/g, '\\$&');
  return asOption.replace(/[\\'[\],; ]/g, '\\$&');
}

/** The frame rate as ffmpeg keeps it exactly: NTSC's rates are fractions. */
export function frameRate(fps: number): string {
  const ntsc = Math.round(fps * 1.001);
  return Math.abs((ntsc * 1000) / 1001 - fps) < 0.005 && !Number.isInteger(fps)
    ? `${ntsc * 1000}/1001`
    : String(fps);
}

/** Any frame fitted into the configured size, its aspect kept, with bars around it; square pixels, 4:2:0. */
export function fitFrame({ width, height }: VideoConfig): string[] {
  const fitted = `w=trunc(min(${width}\\,${height}*dar)/2)*2:h=trunc(min(${height}\\,${width}/dar)/2)*2`;
  return [`scale=${fitted}`, `pad=${width}:${height}:(ow-iw)/2:(oh-ih)/2`, 'setsar=1', 'format=yuv420p'];
}

/** Like {@link fitFrame} for RGB sources, which would come out with the colours of SD television otherwise. */
export function fitRgbFrame(video: VideoConfig): string[] {
  const [scale, ...rest] = fitFrame(video);
  return [`${scale}:out_color_matrix=bt709:out_range=tv`, ...rest];
}

/** Tags of a frame that {@link fitRgbFrame} made. */
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
 * Sound on one continuous clock: gaps are filled with silence, a drifting source is stretched. `flags=res` resamples from
 * the beginning: a resampler that is set up only at the first correction, as for 48 kHz sound, starts over there and
 * forgets how far it was off. No `first_pts`: each time it starts over, and each time the input's format changes, it would
 * insert silence from 0 to the present.
 */
export const STEADY_AUDIO = `aresample=${SAMPLE_RATE}:async=1000:flags=res`;

/** What every sound goes through last. */
export const OUTPUT_AUDIO = [
  `aformat=sample_fmts=fltp:sample_rates=${SAMPLE_RATE}:channel_layouts=stereo`,
  `${VOLUME_FILTER}=1`,
] as const;

export const SILENCE = `anullsrc=sample_rate=${SAMPLE_RATE}:channel_layout=stereo`;

/**
 * For an input that is lost while the other goes on. Without it ffmpeg encodes what is left for ever: a still image, or
 * silence, which nothing paces any more, at a hundred times real time.
 */
export const END_WITH_EITHER = ['-shortest'] as const;

/** The frame of an input that has none. */
export function plainFrame({ width, height, fps }: VideoConfig): string {
  return `color=color=0x1b2a38:size=${width}x${height}:rate=${frameRate(fps)},format=yuv420p`;
}
