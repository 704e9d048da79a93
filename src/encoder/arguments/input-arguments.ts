import type { EncodeSettings, SourceConfig, VideoConfig } from '../../config/schema.js';
import { BulkheadError, ErrorCodes } from '../../protocol/errors.js';
import type { EncodeContext } from '../encode-context.js';
import type { MediaInfo } from '../media-info.js';
import { captureArguments, type SourceArguments } from './capture-arguments.js';
import {
  END_WITH_EITHER,
  escapeFilterValue,
  frameRate,
  plainFrame,
  SAMPLE_RATE,
  SILENCE,
  STEADY_AUDIO,
} from './filters.js';
import { frameFilters, frameInputOptions } from './frame-filters.js';
import { urlOptions } from './url-options.js';

type Input<T extends SourceConfig['type']> = Extract<SourceConfig, { type: T }>;

/** Above this many pixels a second one thread may not decode in real time. */
const ONE_THREAD_PIXEL_RATE = 1920 * 1088 * 60;

/** @throws BulkheadError if this ffmpeg cannot read such an input on this platform, or if the input is empty */
export function inputArguments({ input, video }: EncodeSettings, context: EncodeContext): SourceArguments {
  switch (input.type) {
    case 'test-pattern':
      return testPattern(video, context);
    case 'colour':
      return plainColour(video);
    case 'image':
      return image(input.path, video, context);
    case 'file':
      return file(input, video, inspected(context, input.path), context);
    case 'ingest':
    case 'playlist':
      throw new BulkheadError(ErrorCodes.configInvalid, 'The pipeline "direct" cannot play a playlist.', {
        where: 'pipeline',
        remedy: 'Set "pipeline" to "studio".',
      });
    case 'url':
      return url(input, video, inspected(context, 'the address'), context);
    default:
      return captureArguments(input, video, context);
  }
}

export function inspected({ media }: EncodeContext, where: string): MediaInfo {
  if (media?.hasVideo === true || media?.hasAudio === true) return media;
  throw new BulkheadError(ErrorCodes.inputInvalid, 'The input has neither video nor audio.', {
    where,
    remedy: 'Choose a video, audio or image file.',
  });
}

/**
 * Video and audio are two inputs, since ffmpeg reads each in its own thread. Only the video is paced: the audio follows
 * it; pacing the audio would delay the first frame by its encoder's 20 ms of priming.
 */
function testPattern(video: VideoConfig, context: EncodeContext): SourceArguments {
  return {
    inputs: ['-re', '-f', 'lavfi', '-i', movingPattern(video, context), '-f', 'lavfi', '-i', TONE],
    video: '0:v:0',
    audio: '1:a:0',
    videoFilters: [],
    audioFilters: [],
  };
}

export const TONE = `sine=frequency=440:beep_factor=2:sample_rate=${SAMPLE_RATE}`;

/** The test pattern's frames, with a clock if this ffmpeg can write one. */
export function movingPattern(video: VideoConfig, context: EncodeContext): string {
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

function plainColour(video: VideoConfig): SourceArguments {
  return {
    inputs: ['-re', '-f', 'lavfi', '-i', plainFrame(video), '-f', 'lavfi', '-i', SILENCE],
    video: '0:v:0',
    audio: '1:a:0',
    videoFilters: [],
    audioFilters: [],
  };
}

/** "realtime" paces the frames in place of a demuxer. */
function image(path: string, video: VideoConfig, context: EncodeContext): SourceArguments {
  return {
    inputs: [...stillInput(path, video, context), '-re', '-f', 'lavfi', '-i', SILENCE],
    video: '0:v:0',
    audio: '1:a:0',
    videoFilters: repeatedStill(video, context),
    audioFilters: [],
  };
}

/** Named by its format, an image's name is no pattern. It is turned by a filter, since not every ffmpeg reads EXIF. */
export function stillInput(path: string, video: VideoConfig, { image }: EncodeContext): string[] {
  const format = image?.demuxer === undefined ? [] : ['-f', image.demuxer];
  return [...format, '-r', frameRate(video.fps), '-noautorotate', '-i', fileUrl(path)];
}

export function stillFilters(video: VideoConfig, { image, capabilities }: EncodeContext): string[] {
  return frameFilters({ type: 'image', image }, { video, capabilities });
}

/** Decoded and converted once, then repeated. */
function repeatedStill(video: VideoConfig, context: EncodeContext): string[] {
  return [
    ...stillFilters(video, context),
    'loop=loop=-1:size=1:start=0',
    `setpts=N/(${frameRate(video.fps)})/TB`,
    'realtime',
  ];
}

function file(
  input: Input<'file'>,
  video: VideoConfig,
  media: MediaInfo,
  context: EncodeContext,
): SourceArguments {
  // By other angles than right ones, only ffmpeg itself can turn it.
  const upright = !media.rotated || (media.frame !== undefined && media.frame.turn % 90 === 0);
  const loopable = media.durationS !== undefined && media.durationS > 0 && upright;
  if (input.loop && media.hasVideo && media.hasAudio && loopable) {
    return loopedFile(input.path, video, media, media.durationS, context);
  }
  const open = [
    ...decoderOptions(media, context),
    '-re',
    ...(input.loop ? ['-stream_loop', '-1'] : []),
    ...['-i', fileUrl(input.path)],
  ];
  const frame = framesOf(video, media, context);
  if (media.hasVideo && media.hasAudio) {
    // Two readers, since otherwise the frame would wait for audio that is stored half a second later. A looped file needs
    // one reader: two would drift apart by the difference of the tracks' lengths with each loop.
    return {
      inputs: input.loop ? open : [...open, ...open],
      video: '0:V:0',
      audio: soundOf(media, input.loop ? 0 : 1),
      videoFilters: frame,
      audioFilters: [STEADY_AUDIO],
    };
  }
  if (media.cover !== undefined) return withCover(input.path, open, video, media, context);
  return withSubstitute(open, video, media, context);
}

/**
 * Video and audio from two readers that loop on one common clock: the n-th loop begins at n times the file's length on
 * both, so that they stay in sync however long it runs, and neither waits for the other. With one reader paced by `-re`
 * the stream would arrive in bursts as long as the file's interleaving, half a second and more.
 */
function loopedFile(
  path: string,
  video: VideoConfig,
  media: MediaInfo,
  durationS: number,
  context: EncodeContext,
): SourceArguments {
  const file = escapeFilterValue(path);
  // Register 0 has the total duration of the loops so far. A damaged file may step back as well, but not to its start.
  const restarts = 'lt(PTS\\,PREV_INPTS)*lt(T\\,STARTT+0.5)';
  const clock = `st(0\\,ld(0)+if(${restarts}\\,${durationS}/TB\\,0))\\;PTS-${media.startS}/TB+ld(0)`;
  const frame = [
    ...[`movie=filename=${file}:loop=0${streamOf(media.frame)}`, `setpts=${clock}`],
    ...framesOf(video, media, context, true),
  ];
  const sound = [`amovie=filename=${file}:loop=0${streamOf(media.sound)}`, `asetpts=${clock}`];
  return {
    inputs: [
      // Otherwise ffmpeg shifts each of the two to 0 separately, and a track that begins later than the other loses its
      // delay.
      '-copyts',
      ...['-re', '-f', 'lavfi', '-i', frame.join(',')],
      ...['-re', '-f', 'lavfi', '-i', sound.join(',')],
    ],
    video: '0:v:0',
    audio: '1:a:0',
    videoFilters: [],
    audioFilters: [STEADY_AUDIO],
  };
}

/** Otherwise the filter would choose another track than `-map`. */
function streamOf(stream: { readonly index: number } | undefined): string {
  return stream === undefined ? '' : `:si=${stream.index}`;
}

export function soundOf({ sound }: MediaInfo, input: number): string {
  return `${input}:a:${sound?.track ?? 0}`;
}

function url(
  { url }: Input<'url'>,
  video: VideoConfig,
  media: MediaInfo,
  context: EncodeContext,
): SourceArguments {
  const hasBoth = media.hasVideo && media.hasAudio;
  const options = urlOptions(url, context.capabilities, !hasBoth);
  const open = [...decoderOptions(media, context), ...options, '-i', url];
  if (hasBoth) {
    return {
      inputs: open,
      video: '0:V:0',
      audio: soundOf(media, 0),
      videoFilters: filtersOf(video, media, context, [frameRateFilter(video)]),
      audioFilters: [STEADY_AUDIO],
    };
  }
  return withSubstitute(open, video, media, context);
}

/** The sound with its cover image: as an image, since its one packet is over at once. */
function withCover(
  path: string,
  open: readonly string[],
  video: VideoConfig,
  media: MediaInfo,
  context: EncodeContext,
): SourceArguments {
  return {
    inputs: [...open, ...stillInput(path, video, context)],
    video: `1:${media.cover?.index ?? 'v:0'}`,
    audio: soundOf(media, 0),
    videoFilters: repeatedStill(video, context),
    audioFilters: [STEADY_AUDIO],
    output: END_WITH_EITHER,
  };
}

/** Silence for an input without sound, a plain image for an input without video; both follow the input's pace. */
function withSubstitute(
  open: readonly string[],
  video: VideoConfig,
  media: MediaInfo,
  context: EncodeContext,
): SourceArguments {
  return media.hasVideo
    ? {
        inputs: [...open, '-f', 'lavfi', '-i', SILENCE],
        video: '0:V:0',
        audio: '1:a:0',
        videoFilters: framesOf(video, media, context),
        audioFilters: [],
        output: END_WITH_EITHER,
      }
    : {
        inputs: [...open, '-f', 'lavfi', '-i', plainFrame(video)],
        video: '1:v:0',
        audio: soundOf(media, 0),
        videoFilters: [],
        audioFilters: [STEADY_AUDIO],
        output: END_WITH_EITHER,
      };
}

/** The filter "fps" outputs a frame only when the next one is available: omitted if it would change nothing. */
export function framesOf(
  video: VideoConfig,
  media: MediaInfo,
  context: EncodeContext,
  byMovieFilter = false,
): string[] {
  const fits = media.constantFps !== undefined && Math.abs(media.constantFps - video.fps) < 0.005;
  return filtersOf(video, media, context, fits ? [] : [frameRateFilter(video)], byMovieFilter);
}

function filtersOf(
  video: VideoConfig,
  media: MediaInfo,
  { capabilities }: EncodeContext,
  rate: readonly string[],
  byMovieFilter = false,
): string[] {
  return frameFilters({ type: 'media', media, byMovieFilter }, { video, capabilities, rate });
}

export function frameRateFilter({ fps }: VideoConfig): string {
  return `fps=${frameRate(fps)}`;
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
