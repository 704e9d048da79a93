import type { SourceConfig } from '../../config/schema.js';
import type { EncodeContext } from '../encode-context.js';

import type { FfmpegLogLine } from '../log-line.js';
import { isStill } from '../media-info.js';
import type { AudioFormat } from '../tracks/audio-encoder.js';
import { type CaptureInput, capturedFrames, capturedSound } from './capture-arguments.js';
import { plainFrame } from './filters.js';
import { type FrameFormat, frameFilters, frameInputOptions, WITH_ALPHA } from './frame-filters.js';
import {
  decoderOptions,
  fileUrl,
  framesOf,
  inspected,
  movingPattern,
  soundOf,
  stillFilters,
  stillInput,
  TONE,
} from './input-options.js';
import { soundFilters, sourceFilters } from './source-filters.js';
import { urlOptions, waitingOptions } from './url-options.js';

/**
 * How ffmpeg reads a source for the studio: raw frames of the programme's size, and PCM, as NUT, which has exact timestamps. It is
 * not paced: what reads it decides.
 */

export type Captured = CaptureInput;
export type Received = Extract<SourceConfig, { type: 'url' | 'ingest' }>;
/** What waits for its reader. */
export type Pulled = Extract<SourceConfig, { type: 'test-pattern' | 'file' | 'image' | 'url' }>;

/** What the arguments of one source depend on. */
export interface SourceContext extends EncodeContext {
  readonly video: FrameFormat;
  readonly format: AudioFormat;
}

/** One process for each track: with one for both, the one that is read would wait for the other. */
export interface PulledArguments {
  /** By the position to begin at, s; undefined if there are no frames. */
  readonly frames: ((fromS: number) => readonly string[]) | undefined;
  readonly sound: ((fromS: number) => readonly string[]) | undefined;
  /** Whether the last frame is shown without end. */
  readonly endless: boolean;
}

/**
 * How long an address is analysed at most, µs, and how many bytes. The next keyframe, which a transport stream's frames are described
 * by, may be 10 s away. FLV describes its tracks at the start, but one that it announces may never come:
 * ffmpeg would wait 90 s.
 */
const ANALYSIS = ['-analyzeduration', '11000000', '-probesize', '50000000'] as const;
const FLV_ANALYSIS = ['-analyzeduration', '5000000'] as const;
/** The live server sends the headers of both tracks at first: without one, that track will hardly come. */
const PUBLISHED_ANALYSIS = ['-analyzeduration', '1000000'] as const;

/** A descriptor besides stdout, for the second track of a process. */
export const SOUND_FD = 3;

/** Fine enough for every frame rate; the rate of the frames themselves would be guessed. */
const FRAME_CLOCK = '1:90000';
const UNTOUCHED = ['-enc_time_base', FRAME_CLOCK] as const;
/** libavformat's major version in ffmpeg 6.0, which has "-fps_mode" in place of "-vsync". */
const FFMPEG_6 = 60;

/** @throws BulkheadError `input.invalid` if the file has neither frames nor sound */
export function pulledArguments(input: Pulled, context: SourceContext): PulledArguments {
  const { video } = context;
  switch (input.type) {
    case 'test-pattern':
      return {
        frames: () => framesFrom(['-f', 'lavfi', '-i', movingPattern(video, context)], '0:v:0', [], context),
        sound: () => soundFrom(['-f', 'lavfi', '-i', TONE], '0:a:0', context),
        endless: true,
      };
    case 'image':
      return { frames: () => imageFrom(input.path, context), sound: undefined, endless: true };
    case 'file': {
      if (input.loop && context.media !== undefined && isStill(context.media))
        return { frames: () => imageFrom(input.path, context), sound: undefined, endless: true };
      const medium = mediumArguments(['-i', fileUrl(input.path)], context);
      const cover = medium.frames === undefined ? context.media?.cover : undefined;
      return cover === undefined
        ? medium
        : { ...medium, frames: () => stillFrom(input.path, `0:${cover.index}`, context) };
    }
    case 'url':
      return mediumArguments([...urlOptions(input.url, context.capabilities), '-i', input.url], context);
  }
}

/** A medium with a beginning and an end, which can be read from any position. */
function mediumArguments(open: readonly string[], context: SourceContext): PulledArguments {
  const media = inspected(context, 'the input');
  const { video } = context;
  const from = (fromS: number) => [
    ...decoderOptions(media, context),
    ...(fromS > 0 ? ['-ss', fromS.toFixed(6)] : []),
    ...open,
  ];
  return {
    frames: media.hasVideo
      ? (fromS) =>
          framesFrom(
            from(fromS),
            '0:V:0',
            framesOf(video, media, context),
            context,
            followed(soundOf(media, 0)),
          )
      : undefined,
    sound: media.hasAudio
      ? (fromS) => soundFrom(from(fromS), soundOf(media, 0), context, followed('0:V:0'))
      : undefined,
    endless: false,
  };
}

/**
 * Reads the other track as well, at no cost: ffmpeg moves the timestamps of both wherever either of them jumps, and has to do
 * the same in both processes.
 */
function followed(track: string): readonly string[] {
  return ['-map', `${track}?`, '-c', 'copy', '-f', 'null', '-'];
}

/**
 * What is sent by these is a transport stream nearly always. ffmpeg would analyse one to the limit, in case that further programs
 * come, and goes on air with those of its first tables by this option, which it refuses for what is no transport stream.
 */
const TRANSPORT_STREAM = /^(udp|srt):/i;
const ITS_FIRST_PROGRAMS = ['-scan_all_pmts', '0'] as const;

/** Whether ffmpeg has ended since an address sends something else than a transport stream. */
export function isNoTransportStream(log: readonly FfmpegLogLine[]): boolean {
  return log.some(({ text }) => text.includes('scan_all_pmts not found'));
}

/**
 * Frames to stdout and sound to descriptor 3 from one connection, which may not be opened twice, and of which nothing is known
 * before: each output has a plain frame or a moment of silence, and then the track, if there is one. In this order, since ffmpeg
 * reads nothing else while it waits for a track that has been announced and does not come.
 *
 * @param mayBeTransportStream false once {@link isNoTransportStream}
 */
export function receivedArguments(
  { type, url }: Received,
  context: SourceContext,
  mayBeTransportStream = true,
): readonly string[] {
  const { video, capabilities } = context;
  const isPublished = type === 'ingest';
  const analysis = isPublished ? PUBLISHED_ANALYSIS : /^(rtmp|http)/i.test(url) ? FLV_ANALYSIS : ANALYSIS;
  // Also frames of a clock that has gone back: see LiveReceiver.
  const enough = `gte(t-prev_selected_t\\,${(0.55 / video.fps).toFixed(6)})`;
  const mostFrames = `select=isnan(prev_selected_t)+${enough}+lt(t\\,prev_selected_t)`;
  const filters = frameFilters({ type: 'media' }, { video, capabilities, rate: [mostFrames] });
  return [
    ...['-f', 'lavfi', '-i', `${plainFrame(video)},trim=end_frame=1`],
    ...['-f', 'lavfi', '-i', 'anullsrc,atrim=duration=0.02'],
    ...analysis,
    ...['-threads', '1', ...frameInputOptions(undefined, capabilities)],
    ...(mayBeTransportStream && TRANSPORT_STREAM.test(url) ? ITS_FIRST_PROGRAMS : []),
    ...(isPublished ? waitingOptions(url) : urlOptions(url, capabilities)),
    ...['-i', url],
    ...framesTo(['-map', '0:v:0', '-map', '2:V:0?'], filters, context),
    // Its gaps are seen by their timestamps: filled with silence, a jump of its clock would become as much sound.
    ...soundTo(['-map', '1:a:0', '-map', '2:a:0?'], `pipe:${SOUND_FD}`, '', context),
  ];
}

/** The frames of a web page, which are written to stdin: PNG images in Matroska. */
export function pageArguments(context: SourceContext): readonly string[] {
  const { video, capabilities } = context;
  // Decoded by several threads, each frame would wait for those that follow it.
  const input = [
    '-threads',
    '1',
    '-probesize',
    '32',
    '-analyzeduration',
    '0',
    '-f',
    'matroska',
    '-i',
    'pipe:0',
  ];
  const filters = frameFilters({ type: 'image', image: PAGE }, { video, capabilities });
  return framesFrom(input, '0:v:0', filters, context);
}

const PAGE = { alpha: true, orientation: 1 } as const;

/** A device's tracks, by processes of their own: each may be lost alone. */
export interface CapturedArguments {
  readonly frames: readonly string[] | undefined;
  readonly sound: readonly string[] | undefined;
}

/** @throws BulkheadError `input.notFound` or `ffmpeg.unsupported` if nothing can be captured */
export function capturedArguments(input: Captured, context: SourceContext): CapturedArguments {
  const frames = capturedFrames(input, context.video, context);
  const sound = capturedSound(input, context);
  return {
    frames: frames && framesFrom(frames.input, '0:v:0', frames.filters, context),
    sound: sound && soundFrom(sound.input, '0:a:0', context),
  };
}

/** Where ffmpeg tells the format from the name, it would take "%d" in it for the numbers of a sequence. */
function imageFrom(path: string, context: SourceContext): string[] {
  const isPattern = context.image?.demuxer === undefined && path.includes('%');
  return [
    ...(isPattern ? ['-f', 'image2', '-pattern_type', 'none'] : []),
    ...stillFrom(path, '0:v:0', context),
  ];
}

function stillFrom(path: string, map: string, context: SourceContext): string[] {
  const { video } = context;
  const maps = ['-frames:v', '1', '-map', map];
  return [...stillInput(path, video, context), ...framesTo(maps, stillFilters(video, context), context)];
}

function framesFrom(
  input: readonly string[],
  map: string,
  filters: readonly string[],
  context: SourceContext,
  more: readonly string[] = [],
): string[] {
  return [...input, ...framesTo(['-map', map], filters, context), ...more];
}

function soundFrom(
  input: readonly string[],
  map: string,
  context: SourceContext,
  more: readonly string[] = [],
): string[] {
  return [...input, ...soundTo(['-map', map], 'pipe:1', STEADY, context), ...more];
}

function framesTo(
  maps: readonly string[],
  fitting: readonly string[],
  { capabilities, video }: SourceContext,
): string[] {
  const { keepsAlpha = false } = video;
  const filters = [
    ...fitting,
    ...sourceFilters(video.filters, { hasAlpha: fitting.includes(WITH_ALPHA), keepsAlpha }),
  ];
  const hasAlpha = filters.findLast((filter) => filter.startsWith('format=')) === WITH_ALPHA;
  const sync = (capabilities?.libavformatMajor ?? 0) >= FFMPEG_6 ? '-fps_mode' : '-vsync';
  return [
    ...(filters.some((filter) => COSTLY_FILTER.test(filter)) ? [] : ['-filter_threads', '1']),
    ...maps,
    ...(filters.length === 0 ? [] : ['-filter:v', filters.join(',')]),
    ...[sync, 'passthrough', ...UNTOUCHED, '-c:v', 'rawvideo'],
    ...['-pix_fmt', hasAlpha ? 'yuva420p' : 'yuv420p'],
    ...nutTo('pipe:1'),
  ];
}

/** One thread may not do these in real time. For all others, waking further threads for each frame costs more than they save. */
const COSTLY_FILTER = /^(zscale|bwdif)=/;

/** Options of the filter "aresample" that fill gaps, and stretch what drifts. */
const STEADY = ':async=1000:flags=res';

function soundTo(
  maps: readonly string[],
  target: string,
  resampling: string,
  { format, video }: SourceContext,
): string[] {
  const { sampleRate, channels } = format;
  const filters = [`aresample=${sampleRate}${resampling}`, ...soundFilters(video.filters)];
  return [
    ...maps,
    ...['-filter:a', filters.join(',')],
    ...['-c:a', 'pcm_s16le', '-ar', String(sampleRate), '-ac', String(channels)],
    ...nutTo(target),
  ];
}

/** Without tracks of an input that ends, each track is written as it comes. */
function nutTo(target: string): string[] {
  return ['-map_metadata', '-1', '-max_interleave_delta', '1', '-flush_packets', '1', '-f', 'nut', target];
}
