import { BulkheadError, ErrorCodes } from '../../protocol/errors.js';
import type { EncodeContext } from '../encode-context.js';
import type { MediaInfo } from '../media-info.js';
import { escapeFilterValue, frameRate, SAMPLE_RATE } from './filters.js';
import { type FrameFormat, frameFilters, frameInputOptions } from './frame-filters.js';

/** Above this many pixels a second one thread may not decode in real time. */
const ONE_THREAD_PIXEL_RATE = 1920 * 1088 * 60;

export function inspected({ media }: EncodeContext, where: string): MediaInfo {
  if (media?.hasVideo === true || media?.hasAudio === true) return media;
  throw new BulkheadError(ErrorCodes.inputInvalid, 'The input has neither video nor audio.', {
    where,
    remedy: 'Choose a video, audio or image file.',
  });
}

export const TONE = `sine=frequency=440:beep_factor=2:sample_rate=${SAMPLE_RATE}`;

/** The test pattern's frames, with a clock if this ffmpeg can write one. */
export function movingPattern(video: FrameFormat, context: EncodeContext): string {
  const pattern = `testsrc2=size=${video.width}x${video.height}:rate=${frameRate(video.fps)}`;
  const size = Math.round(video.height / 10);
  const clock =
    context.clockFont === undefined || context.capabilities?.filters.includes('drawtext') !== true
      ? []
      : [
          `drawtext=fontfile=${escapeFilterValue(context.clockFont)}:text=%{localtime\\\\:%X}` +
            `:fontsize=${size}:fontcolor=white:box=1:boxcolor=black@0.6:boxborderw=${Math.round(size / 4)}` +
            `:x=(w-tw)/2:y=h-2*${size}`,
        ];
  return [pattern, ...clock, 'format=yuv420p'].join(',');
}

/** Named by its format, an image's name is no pattern. It is turned by a filter, since not every ffmpeg reads EXIF. */
export function stillInput(path: string, video: FrameFormat, { image }: EncodeContext): string[] {
  const format = image?.demuxer === undefined ? [] : ['-f', image.demuxer];
  return [...format, '-r', frameRate(video.fps), '-noautorotate', '-i', fileUrl(path)];
}

export function stillFilters(video: FrameFormat, { image, capabilities }: EncodeContext): string[] {
  return frameFilters({ type: 'image', image }, { video, capabilities });
}

export function soundOf({ sound }: MediaInfo, input: number): string {
  return `${input}:a:${sound?.track ?? 0}`;
}

/** The filter "fps" outputs a frame only when the next one is available: omitted if it would change nothing. */
export function framesOf(video: FrameFormat, media: MediaInfo, { capabilities }: EncodeContext): string[] {
  const fits = media.constantFps !== undefined && Math.abs(media.constantFps - video.fps) < 0.005;
  const rate = fits ? [] : [`fps=${frameRate(video.fps)}`];
  return frameFilters({ type: 'media', media }, { video, capabilities, rate });
}

/** Each additional decoder thread delays output by one frame, and makes a live source begin one keyframe later. */
export function decoderOptions(media: MediaInfo, { capabilities }: EncodeContext): string[] {
  const { width = 0, height = 0, constantFps = 60 } = media;
  const threads = width * height * constantFps <= ONE_THREAD_PIXEL_RATE ? ['-threads', '1'] : [];
  return [...threads, ...frameInputOptions(media, capabilities)];
}

/** A path that ffmpeg cannot misinterpret: "a:b.mp4" would be the protocol "a", "-x.mp4" an option. */
export function fileUrl(path: string): string {
  return `file:${path}`;
}
