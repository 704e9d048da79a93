import type { OutputVideo } from '../../../config/output-video.js';
import type { VideoConfig } from '../../../config/schema.js';
import type { EncoderConfiguration } from './client-configuration.js';

/** Names that OBS has for its encoders of H.264, which are those that the platform writes. Which one it asks for does not count: ours encodes. */
const H264_ENCODERS: ReadonlySet<string> = new Set([
  ...['obs_x264', 'ffmpeg_openh264', 'com.apple.videotoolbox.videoencoder.ave.avc'],
  ...['jim_nvenc', 'ffmpeg_nvenc', 'obs_nvenc_h264_tex', 'obs_nvenc_h264_cuda', 'obs_nvenc_h264_soft'],
  ...['h264_texture_amf', 'h264_fallback_amf', 'obs_qsv11', 'obs_qsv11_v2', 'obs_qsv11_soft_v2'],
  ...['ffmpeg_vaapi', 'ffmpeg_vaapi_tex', 'com.apple.videotoolbox.videoencoder.h264.gva'],
]);
/** How far the programme's bitrate may be from what is asked for, as a share of it: an encoder is saved. */
const SAME_BITRATE = 0.1;
/** How far frame rates and keyframe intervals may be apart to be the same, as a share. */
const SAME_TIME = 0.005;
/** How far the width may be from the canvas' proportions, pixels: sizes are rounded one way or the other. */
const WIDTH_PX = 8;

/** One of the tracks to be sent; its number is its place. */
export interface ChosenTrack {
  readonly width: number;
  readonly height: number;
  readonly bitrateKbps: number;
  /** The encode of its own that it needs; undefined where it is the programme. */
  readonly video: OutputVideo | undefined;
}

export interface TrackLimits {
  readonly video: Pick<VideoConfig, 'width' | 'height' | 'fps' | 'bitrateKbps' | 'keyframeIntervalSeconds'>;
  readonly maxTracks: number;
  readonly maxBitrateKbps?: number | undefined;
  /** Encodes that can be made besides the programme's. */
  readonly spare: number;
}

export interface Choice {
  readonly tracks: readonly ChosenTrack[];
  /** Why others are left out. */
  readonly problems: readonly string[];
}

/** Which of the encodes that a platform asks for can be made here, in its order. */
export function chooseTracks(asked: readonly EncoderConfiguration[], limits: TrackLimits): Choice {
  const problems = new Set<string>();
  const fitting: ChosenTrack[] = [];
  for (const configuration of asked) {
    const problem = findProblem(configuration, limits);
    if (problem !== undefined) {
      problems.add(problem);
      continue;
    }
    const track = trackOf(configuration, limits);
    if (!fitting.some((other) => isSame(other, track))) fitting.push(track);
  }
  const tracks = withinBitrate(fitting.slice(0, limits.maxTracks), limits.maxBitrateKbps);
  const chosen: ChosenTrack[] = [];
  let { spare } = limits;
  for (const track of tracks) {
    if (track.video !== undefined && spare-- <= 0) continue;
    chosen.push(track);
  }
  if (tracks.length < Math.min(fitting.length, limits.maxTracks))
    problems.add('they need more than "maxBitrateKbps" together');
  if (chosen.length < tracks.length) problems.add('other outputs take the encodes that a broadcast may have');
  return { tracks: chosen, problems: [...problems] };
}

function findProblem(
  { type, width, height, framerate, canvas_index: canvas, settings }: EncoderConfiguration,
  { video }: TrackLimits,
): string | undefined {
  if (!H264_ENCODERS.has(type)) return 'an encoder other than of H.264 is asked for';
  if (canvas) return 'another canvas is asked for';
  if (height > video.height || height % 2 !== 0)
    return `a height of ${height} cannot be made of ${video.height}`;
  if (Math.abs((video.width * height) / video.height - width) > WIDTH_PX) {
    return `${width}x${height} has other proportions than ${video.width}x${video.height}`;
  }
  const fps = framerate ? framerate.numerator / framerate.denominator : video.fps;
  if (!isAbout(fps, video.fps))
    return `${fps.toFixed(2)} frames per second are asked for; "video.fps" is ${video.fps}`;
  const seconds = settings.keyint_sec;
  if (seconds && !isAbout(seconds, video.keyframeIntervalSeconds)) {
    return `a keyframe every ${seconds} s is asked for; "video.keyframeIntervalSeconds" is ${video.keyframeIntervalSeconds}`;
  }
  return undefined;
}

function trackOf(
  { height, settings: { bitrate } }: EncoderConfiguration,
  { video }: TrackLimits,
): ChosenTrack {
  const isProgramme =
    height === video.height && Math.abs(video.bitrateKbps - bitrate) <= SAME_BITRATE * bitrate;
  return {
    width: height === video.height ? video.width : 2 * Math.round((video.width * height) / video.height / 2),
    height,
    bitrateKbps: isProgramme ? video.bitrateKbps : bitrate,
    video: isProgramme ? undefined : { height, bitrateKbps: bitrate },
  };
}

/** The largest are left out first: the others then fit. */
function withinBitrate(tracks: readonly ChosenTrack[], mostKbps = Infinity): readonly ChosenTrack[] {
  const total = tracks.reduce((sum, { bitrateKbps }) => sum + bitrateKbps, 0);
  if (total <= mostKbps) return tracks;
  const largest = tracks.reduce((a, b) => (b.bitrateKbps > a.bitrateKbps ? b : a));
  return withinBitrate(
    tracks.filter((track) => track !== largest),
    mostKbps,
  );
}

function isSame(a: ChosenTrack, b: ChosenTrack): boolean {
  return a.height === b.height && a.bitrateKbps === b.bitrateKbps;
}

function isAbout(a: number, b: number): boolean {
  return Math.abs(a - b) <= SAME_TIME * b;
}
