import type { SourceFilters } from '../../config/schema.js';
import { escapeFilterValue } from './filters.js';
import { WITH_ALPHA } from './frame-filters.js';

const BT709_FROM = 'scale=in_color_matrix=bt709:in_range=tv:out_range=pc';
const BT709_TO = 'scale=out_color_matrix=bt709:in_range=pc:out_range=tv';

/**
 * How loud the noise may be for all of it to be made quieter, dBFS. The filter can follow the noise by itself, but does so well in old versions
 * alone.
 */
const NOISE_FLOOR_DB = -40;

/** How alpha is dealt with. */
export interface AlphaUse {
  /** Whether the frames have a fourth plane. */
  readonly hasAlpha: boolean;
  /** Whether they may have it afterwards; else they are what they look like over black. */
  readonly keepsAlpha: boolean;
}

/**
 * What the streamer wants of a source's colours and sharpness, for frames of 4:2:0 in BT.709 with the limited range. Alpha stays as it is but for
 * blurring.
 */
export function sourceFilters(
  filters: SourceFilters | undefined,
  { hasAlpha, keepsAlpha }: AlphaUse,
): string[] {
  if (filters === undefined) return [];
  const { hueDegrees, lut, chromaKey, blur, sharpen } = filters;
  const isKeyed = hasAlpha || chromaKey !== undefined;
  const [yuv, rgb] = isKeyed ? [WITH_ALPHA, 'format=gbrap'] : ['format=yuv420p', 'format=gbrp'];
  return [
    ...(chromaKey === undefined ? [] : keyed(chromaKey)),
    ...corrected(filters),
    ...(hueDegrees === 0 ? [] : [`hue=h=${hueDegrees}`]),
    ...(lut === undefined ? [] : [BT709_FROM, rgb, `lut3d=file=${escapeFilterValue(lut)}`, BT709_TO, yuv]),
    ...(blur === 0 ? [] : [`gblur=sigma=${blur}`]),
    ...(sharpen === 0 ? [] : sharpened(sharpen, isKeyed)),
    ...(isKeyed && !keepsAlpha ? ['format=yuva444p', 'premultiply=inplace=1', 'format=yuv420p'] : [yuv]),
  ];
}

/** What the streamer wants of a source's sound. */
export function soundFilters(filters: SourceFilters | undefined): string[] {
  const { noiseReductionDb = 0 } = filters ?? {};
  return noiseReductionDb === 0 ? [] : [`afftdn=nr=${noiseReductionDb}:nf=${NOISE_FLOOR_DB}`];
}

/** The colour is given as BT.709 has it: the filter itself would take BT.601. */
function keyed({ colour, similarity, smoothness }: NonNullable<SourceFilters['chromaKey']>): string[] {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map(
    (at) => Number.parseInt(colour.slice(at, at + 2), 16) / 255,
  );
  const luma = 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  const parts = [16 + 219 * luma, 128 + (224 * (blue - luma)) / 1.8556, 128 + (224 * (red - luma)) / 1.5748];
  const hex = parts.map((part) => Math.round(part).toString(16).padStart(2, '0')).join('');
  return [WITH_ALPHA, `chromakey=color=0x${hex}:similarity=${similarity}:blend=${smoothness}:yuv=1`];
}

/** By tables, one for each plane. */
function corrected({ brightness, contrast, saturation, gamma }: SourceFilters): string[] {
  const isBright = brightness === 0 && contrast === 1 && gamma === 1;
  const luma = `clip(((val-16)/219-0.5)*${contrast}+0.5+${brightness}\\,0\\,1)`;
  const chroma = `clip((val-128)*${saturation}+128\\,16\\,240)`;
  const tables = [
    ...(isBright ? [] : [`y=16+219*pow(${luma}\\,1/${gamma})`]),
    ...(saturation === 1 ? [] : [`u=${chroma}`, `v=${chroma}`]),
  ];
  return tables.length === 0 ? [] : [`lutyuv=${tables.join(':')}`];
}

/** "unsharp" knows no alpha, which goes around it. */
function sharpened(amount: number, hasAlpha: boolean): string[] {
  const filter = `unsharp=5:5:${amount}`;
  if (!hasAlpha) return [filter];
  return [
    `split[opaque][whole];[whole]alphaextract[alpha];[opaque]${filter}[sharp];[sharp][alpha]alphamerge`,
  ];
}
