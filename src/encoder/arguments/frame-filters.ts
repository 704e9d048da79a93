import type { SourceFilters, VideoConfig } from '../../config/schema.js';
import { BulkheadError, ErrorCodes } from '../../protocol/errors.js';
import type { FfmpegCapabilities } from '../ffmpeg-capabilities.js';
import type { ImageInfo } from '../image-info.js';
import type { FrameInfo, MediaInfo } from '../media-info.js';

/** What makes frames with alpha of those before. */
export const WITH_ALPHA = 'format=yuva420p';

/** What a source's frames are, as far as it is known before they are read. */
export type FrameSource =
  /** A file or an address; `media` is undefined if it has not been opened yet. */
  | { readonly type: 'media'; readonly media?: MediaInfo | undefined }
  | { readonly type: 'image'; readonly image?: ImageInfo | undefined }
  | { readonly type: 'screen' }
  | { readonly type: 'camera' };

/** What frames are made for. */
export interface FrameFormat extends Pick<VideoConfig, 'width' | 'height' | 'fps'> {
  /**
   * `padded`, also if undefined: of exactly this size, with black bars. The others keep their aspect ratio, and have no bars: as large as
   * fits into this size, just large enough to cover it, or as large as it is itself, unless that does not fit into this size.
   */
  readonly fit?: 'padded' | 'contained' | 'covering' | 'native';
  /** Whether frames with alpha stay so: they are yuva420p then. Otherwise they are what they look like over black. */
  readonly keepsAlpha?: boolean;
  /** What the streamer wants of the source's colours and sharpness. */
  readonly filters?: SourceFilters | undefined;
}

export interface FrameTarget {
  readonly video: FrameFormat;
  /** Undefined if unknown: then all filters are assumed to be there. */
  readonly capabilities: FfmpegCapabilities | undefined;
  /** Filters that choose the frames by their time; they are placed where they cost the least. */
  readonly rate?: readonly string[];
}

/** Untagged video up to this height is BT.601, as in SD television; what is higher is BT.709. */
const MAX_SD_HEIGHT = 576;
/** Its frames may be interlaced even if the first ones are not. */
const BROADCAST_CONTAINER = /^(mpegts|mpeg|hls)$/;
const YUV = /^(yuv|nv\d|p0\d)/;
const YUV_WITH_ALPHA = /^yuva/;
const RGB_WITH_ALPHA = /^(rgba|bgra|argb|abgr|gbrap|ya\d|pal8|ayuv)/;

/** White of HDR graphics and paper, nits (ITU-R BT.2408): it becomes 89 % of SDR's signal, what is darker stays as bright. */
const HDR_WHITE = 203;
/** The brightest light that differs from white, nits. The same for all media, since a restart must not change the colours. */
const HDR_PEAK = 1000;

const BT709 = 'setparams=range=tv:colorspace=bt709:color_primaries=bt709:color_trc=bt709';
/** Without them, a conversion between colour matrices is off by up to 3 of 255. They cost as much as the scaling of five frames. */
const EXACT = 'flags=bicubic+accurate_rnd+full_chroma_int';
/** What the filter "colorspace" reads. */
const PLANAR_YUV = /^yuvj?4(20|22|44)p(10le|12le)?$/;
const BT601 = /^(bt470bg|smpte170m)$/;

/** The filters for EXIF's orientations. */
const UPRIGHT: Readonly<Record<number, readonly string[]>> = {
  2: ['hflip'],
  3: ['hflip', 'vflip'],
  4: ['vflip'],
  5: ['transpose=cclock_flip'],
  6: ['transpose=clock'],
  7: ['transpose=clock_flip'],
  8: ['transpose=cclock'],
};

/**
 * The filters that turn any decoded frame into the programme's: BT.709 in limited range, progressive, square pixels, upright,
 * yuv420p without alpha (over black), unless that is kept, fitted into the canvas with black bars. What can differ from frame to frame (size, aspect,
 * matrix, range, interlacing) is read from each frame; only HDR and what is not tagged depend on `source`.
 *
 * @throws BulkheadError `ffmpeg.unsupported` for HDR if this ffmpeg lacks the filters
 */
export function frameFilters(source: FrameSource, target: FrameTarget): string[] {
  const { video, capabilities, rate = [] } = target;
  const media = source.type === 'media' ? source.media : undefined;
  const frame = media?.frame;
  const wide = frame === undefined ? [] : wideGamut(frame, video, capabilities);
  const keepsAlpha = video.keepsAlpha === true && hasAlpha(source) && wide.length === 0;
  return [
    ...(source.type === 'media' ? deinterlaced(source, video) : []),
    ...rate,
    ...multipliedByAlpha(source),
    ...upright(source),
    ...(media === undefined ? [] : toBt709(media)),
    ...wide,
    scaled(video, source.type === 'image', wide.length > 0),
    ...(keepsAlpha ? ['format=yuva444p', 'unpremultiply=inplace=1', WITH_ALPHA] : ['format=yuv420p']),
    ...padded(video),
    'setsar=1',
    BT709,
  ];
}

/** Options before a file's or an address' `-i` that {@link frameFilters} counts on. */
export function frameInputOptions(
  media: MediaInfo | undefined,
  capabilities: FfmpegCapabilities | undefined,
): string[] {
  // What has not been opened yet is taken for HD where it is not tagged: live encoders tag what is not BT.709.
  if (media === undefined) return ['-colorspace', 'bt709'];
  const codec = media.frame?.codec ?? '';
  const decoder = codec === 'vp9' ? 'libvpx-vp9' : 'libvpx';
  const needed = media.frame?.hasAlphaTrack === true && (codec === 'vp8' || codec === 'vp9');
  // ffmpeg's own decoders ignore alpha. An encoder of that library comes with its decoder.
  const known = capabilities?.encoders.includes(codec === 'vp9' ? 'libvpx-vp9' : 'libvpx') !== false;
  return needed && known ? ['-c:v', decoder] : [];
}

/** Whether the filters or options for such media differ between builds of ffmpeg. */
export function dependsOnBuild({ frame }: MediaInfo): boolean {
  return frame !== undefined && (frame.hasAlphaTrack || isHdr(frame) || frame.primaries === 'bt2020');
}

/** Progressive frames pass unchanged, but one frame late. */
function deinterlaced({ media }: MediaSource, { fps }: FrameFormat): string[] {
  const { frame } = media ?? {};
  const interlaced = frame?.fields === 'interlaced';
  if (frame !== undefined && !interlaced) {
    const { pixelFormat = 'yuv420p', container, fields } = frame;
    if (!YUV.test(pixelFormat) || YUV_WITH_ALPHA.test(pixelFormat)) return [];
    if (fields === 'progressive' && !BROADCAST_CONTAINER.test(container)) return [];
  }
  const eachField = interlaced && frame?.fps !== undefined && fps > frame.fps * 1.9;
  return [`bwdif=mode=${eachField ? 'send_field' : 'send_frame'}:parity=auto:deint=interlaced`];
}

type MediaSource = Extract<FrameSource, { type: 'media' }>;

/** Multiplied by alpha, a frame is what it looks like over black. At the size it is stored, since scaling mixes hidden colours in. */
function multipliedByAlpha(source: FrameSource): string[] {
  if (!hasAlpha(source)) return [];
  const pixelFormat = source.type === 'media' ? source.media?.frame?.pixelFormat : undefined;
  const isYuv = source.type === 'media' && !RGB_WITH_ALPHA.test(pixelFormat ?? '');
  return [...(isYuv ? [] : ['format=gbrap', 'setparams=range=pc']), 'premultiply=inplace=1'];
}

/** An image of which nothing is known may have it. */
function hasAlpha(source: FrameSource): boolean {
  if (source.type === 'image') return source.image?.alpha !== false;
  if (source.type !== 'media') return false;
  const { pixelFormat = '', hasAlphaTrack = false } = source.media?.frame ?? {};
  return hasAlphaTrack || YUV_WITH_ALPHA.test(pixelFormat) || RGB_WITH_ALPHA.test(pixelFormat);
}

/** ffmpeg itself rotates what it reads as an input, except images, whose options forbid it. */
function upright(source: FrameSource): readonly string[] {
  return source.type === 'image' ? (UPRIGHT[source.image?.orientation ?? 1] ?? []) : [];
}

/**
 * Has frames of BT.601 converted by a filter that costs a fifth of what "scale" takes for it. That filter fails on a frame that
 * is not tagged after one that was, so a broadcast's frames are left to "scale".
 */
function toBt709({ frame, height = 0 }: MediaInfo): string[] {
  const { pixelFormat = '', matrix, container = '' } = frame ?? {};
  if (frame === undefined || !YUV.test(pixelFormat)) return [];
  if (matrix === undefined && height > MAX_SD_HEIGHT) return ['setparams=colorspace=bt709'];
  const convertible = PLANAR_YUV.test(pixelFormat) && !BROADCAST_CONTAINER.test(container);
  if (!convertible || (matrix !== undefined && !BT601.test(matrix))) return [];
  const untagged = matrix === undefined ? ':ispace=smpte170m' : '';
  // Of the primaries, which differ little, nothing is changed.
  return [`colorspace=all=bt709:range=tv:iprimaries=bt709:itrc=bt709${untagged}:fast=1`];
}

function isHdr({ transfer }: FrameInfo): boolean {
  return transfer === 'smpte2084' || transfer === 'arib-std-b67';
}

/** Converts HDR10, HLG and BT.2020 to RGB of BT.709, already fitted, since each pixel costs. */
function wideGamut(
  frame: FrameInfo,
  video: FrameFormat,
  capabilities: FfmpegCapabilities | undefined,
): string[] {
  const hdr = isHdr(frame);
  if (!hdr && frame.primaries !== 'bt2020') return [];
  const needed = hdr ? ['zscale', 'tonemap'] : ['zscale'];
  const missing = needed.filter((name) => capabilities?.filters.includes(name) === false);
  if (missing.length > 0) {
    // Without HDR only the saturation is wrong.
    if (!hdr) return [];
    throw new BulkheadError(
      ErrorCodes.ffmpegUnsupported,
      `The input is HDR, and this ffmpeg cannot convert it: it has no filter "${missing.join('" and no "')}".`,
      {
        where: capabilities?.path ?? 'ffmpeg',
        remedy:
          'Install an ffmpeg with zimg ("ffmpeg -filters" lists zscale), or use a recording that is not HDR.',
      },
    );
  }
  const tags = [
    ...(frame.matrix === undefined ? ['colorspace=bt2020nc'] : []),
    ...(frame.primaries === undefined ? ['color_primaries=bt2020'] : []),
    ...(frame.transfer === undefined ? ['color_trc=bt2020-10'] : []),
    ...(frame.range === undefined ? ['range=tv'] : []),
  ];
  return [
    ...(tags.length === 0 ? [] : [`setparams=${tags.join(':')}`]),
    ...(hdr
      ? [
          `zscale=${fitted(video)}:t=linear:npl=${HDR_WHITE}`,
          'format=gbrpf32le',
          'zscale=p=bt709',
          `tonemap=mobius:param=0.5:peak=${(HDR_PEAK / HDR_WHITE).toFixed(3)}:desat=0`,
          'zscale=t=bt709',
        ]
      : [`zscale=${fitted(video)}:p=bt709:t=bt709`]),
    // Clips what BT.709 cannot show.
    'format=gbrp',
  ];
}

function scaled(video: FrameFormat, exact: boolean, isFitted: boolean): string {
  const options = [
    ...(isFitted ? [] : [fitted(video)]),
    'in_color_matrix=auto:out_color_matrix=bt709:out_range=tv',
    ...(exact ? [EXACT] : []),
  ];
  return `scale=${options.join(':')}`;
}

/** For each frame: "scale" may send another size than before. */
function padded({ width, height, fit = 'padded' }: FrameFormat): string[] {
  return fit === 'padded' ? [`pad=${width}:${height}:(ow-iw)/2:(oh-ih)/2:eval=frame`] : [];
}

/**
 * The largest even size of that aspect ratio, at least 2 × 2; to cover, the smallest, unless that were more than twice as wide or high; or its
 * own, in square pixels, no larger than this one.
 */
function fitted({ width, height, fit }: FrameFormat): string {
  const even = (expression: string) => `max(2\\,trunc(${expression}/2)*2)`;
  const [byHeight, byWidth] = [`${height}*dar`, `${width}/dar`];
  const contained = [`min(${width}\\,${byHeight})`, `min(${height}\\,${byWidth})`] as const;
  const covering = [`max(${width}\\,${byHeight})`, `max(${height}\\,${byWidth})`] as const;
  const ratio = width / height;
  const isModerate = `between(dar\\,${(ratio / 2).toFixed(6)}\\,${(ratio * 2).toFixed(6)})`;
  const own = [`min(ih*dar\\,${contained[0]})`, `min(ih\\,${contained[1]})`] as const;
  const [w, h] = [0, 1].map((side) =>
    fit === 'covering'
      ? `if(${isModerate}\\,${covering[side]}\\,${contained[side]})`
      : (fit === 'native' ? own : contained)[side],
  );
  return `w=${even(w ?? '')}:h=${even(h ?? '')}`;
}
