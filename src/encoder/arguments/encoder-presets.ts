import type { VideoConfig } from '../../config/schema.js';
import { codecOf } from '../../config/video-codec.js';
import { isHardwareEncoder, SOFTWARE } from './video-codecs.js';

/** x264's presets, which x265 has as well, fastest first; those of other encoders are mapped to them. */
export const PRESETS = [
  'ultrafast',
  'superfast',
  'veryfast',
  'faster',
  'fast',
  'medium',
  'slow',
  'slower',
  'veryslow',
  'placebo',
];

/** Names that say what a preset is for. */
export const NAMED_PRESETS: Readonly<Record<string, string>> = {
  fastest: 'ultrafast',
  balanced: 'veryfast',
  quality: 'medium',
  best: 'slow',
};

/** Of the software that takes the place of a hardware encoder: most computers keep up with them. */
const SUBSTITUTE_PRESETS: Readonly<Record<string, string>> = { libx264: 'veryfast', libx265: 'ultrafast' };

/** SVT-AV1's fastest of all its versions, and the slowest that a live stream can use. */
const SVT_PRESETS = { fastest: 12, slowest: 4 } as const;
/** libaom's in real time. */
const AOM_PRESETS = { fastest: 8, slowest: 5 } as const;

/** The encoders whose presets are these. */
const WITH_PRESETS = new Set(['libx264', 'libx265', 'libsvtav1', 'libaom-av1']);

export function plainPreset(preset: string): string {
  return NAMED_PRESETS[preset] ?? preset;
}

/** Whether it takes one of {@link PRESETS} and no other. */
export function hasOnlyThesePresets(encoder: string): boolean {
  return encoder === 'libx264' || encoder === 'libx265';
}

/** The presets that need less CPU than the one that is set, the fastest last; none for hardware encoders, which need little. */
export function fasterPresets({ encoder, preset }: VideoConfig): readonly string[] {
  if (!WITH_PRESETS.has(encoder)) return [];
  const index = PRESETS.indexOf(plainPreset(preset));
  return PRESETS.slice(0, Math.max(0, index)).reverse();
}

/**
 * The settings of the software that takes the place of a hardware encoder, with the same codec: viewers' players go on. Undefined for
 * software, and where there is none.
 *
 * @param available names of encoders; all that are known if undefined
 */
export function softwareInPlace(
  video: VideoConfig,
  available: readonly string[] | undefined,
): VideoConfig | undefined {
  const codec = codecOf(video.encoder);
  if (codec === undefined || !isHardwareEncoder(video.encoder)) return undefined;
  const encoder = SOFTWARE[codec].find((name) => available?.includes(name) ?? true);
  if (encoder === undefined) return undefined;
  const substitute = SUBSTITUTE_PRESETS[encoder] ?? 'ultrafast';
  const preset = plainPreset(video.preset);
  const isFast = PRESETS.slice(0, PRESETS.indexOf(substitute)).includes(preset);
  return { ...video, encoder, preset: isFast ? preset : substitute };
}

/** NVENC's p1 (fastest) to p7; its own names are passed through. */
export function nvencPreset(preset: string): string {
  const index = PRESETS.indexOf(preset);
  return index < 0 ? preset : `p${Math.min(7, index + 1)}`;
}

/** From "veryfast" to "veryslow" Quick Sync's names are x264's. */
export function quickSyncPreset(preset: string): string {
  const index = PRESETS.indexOf(preset);
  return index < 0 ? preset : (PRESETS[Math.min(Math.max(index, 2), 8)] ?? 'veryfast');
}

/** SVT-AV1's numbers; they can be set themselves as well. */
export function svtPreset(preset: string): string {
  return numbered(preset, SVT_PRESETS);
}

/** libaom's `cpu-used`. */
export function aomPreset(preset: string): string {
  return numbered(preset, AOM_PRESETS);
}

function numbered(
  preset: string,
  { fastest, slowest }: { readonly fastest: number; readonly slowest: number },
): string {
  const index = PRESETS.indexOf(preset);
  return index < 0 ? preset : String(Math.max(slowest, fastest - index));
}
