import type { VideoConfig } from '../../config/schema.js';
import { codecOf } from '../../config/video-codec.js';
import { aomPreset, nvencPreset, quickSyncPreset, svtPreset } from './encoder-presets.js';

/** The arguments of a video encoder. */
export interface VideoEncoderArguments {
  /** Before the inputs. */
  readonly global: readonly string[];
  /** Appended to the video filters. */
  readonly filters: readonly string[];
  readonly output: readonly string[];
}

export interface EncoderRequest {
  readonly video: VideoConfig;
  /** Frames from one keyframe to the next. */
  readonly gop: number;
  /** Whether ffmpeg is 5.0 or later. */
  readonly modern: boolean;
}

type Family = (request: EncoderRequest) => Partial<VideoEncoderArguments>;

/** Encoders with known options, by their names or what these end with. */
const FAMILIES: readonly (readonly [names: RegExp, family: Family])[] = [
  [/^libx264$/, x264],
  [/^libx265$/, x265],
  [/^libsvtav1$/, svtAv1],
  [/^libaom-av1$/, aomAv1],
  [/^libopenh264$/, ({ video }) => ({ output: ['-profile:v', constrained(video), '-rc_mode', 'bitrate'] })],
  [/_nvenc$/, nvenc],
  [/_vaapi$/, vaapi],
  [/_qsv$/, quickSync],
  [/_videotoolbox$/, videoToolbox],
  [/_amf$/, amf],
];

const WITH_LOOKAHEAD = /^(?:libx26[45]|h264_qsv|.*_nvenc)$/;
const WITHOUT_B_FRAMES = /^(?:libopenh264|hevc_amf)$/;

/** The options that make an encoder fill up what it sends to the bitrate. */
const FILLING: Readonly<Record<string, readonly string[]>> = {
  libx264: ['-x264-params', 'filler=1'],
  h264_nvenc: ['-cbr_padding', '1'],
  h264_amf: ['-filler_data', '1'],
};

/** The encoders that can fill up to a constant bitrate. */
export const FILLING_ENCODERS = Object.keys(FILLING);

export function hasLookahead(encoder: string): boolean {
  return WITH_LOOKAHEAD.test(encoder);
}

/** Encoders of AV1 reorder frames by themselves, within what they deliver. */
export function hasBFrames(encoder: string): boolean {
  return codecOf(encoder) !== 'av1' && !WITHOUT_B_FRAMES.test(encoder);
}

/** An encoder's own options, besides bitrate and keyframes. */
export function familyArguments(request: EncoderRequest): VideoEncoderArguments {
  const { encoder, constantBitrate } = request.video;
  const family = FAMILIES.find(([names]) => names.test(encoder))?.[1];
  const { global = [], filters = [], output = [] } = family?.(request) ?? { output: bFrames(request.video) };
  const filling = (constantBitrate && FILLING[encoder]) || [];
  return { global, filters, output: [...output, ...filling] };
}

/** SVT-AV1 fails where a limit is as high as the bitrate: its own rate control keeps it constant. */
export function bitrateArguments({ encoder, bitrateKbps }: VideoConfig): readonly string[] {
  const bitrate = `${bitrateKbps}k`;
  const limit = encoder === 'libsvtav1' ? [] : ['-maxrate', bitrate, '-bufsize', bitrate];
  return ['-b:v', bitrate, ...limit];
}

function bFrames({ bFrames, encoder }: VideoConfig): string[] {
  return hasBFrames(encoder) ? ['-bf', String(bFrames)] : [];
}

function x264({ video }: EncoderRequest): Partial<VideoEncoderArguments> {
  const tuned =
    video.tune === 'zerolatency'
      ? ['-tune', 'zerolatency']
      : [...bFrames(video), '-rc-lookahead', String(video.lookahead)];
  return {
    output: [
      ...['-preset', video.preset, ...tuned, '-profile:v', video.profile, '-sc_threshold', '0'],
      ...(video.preset === 'ultrafast' ? toolsOf(video.profile) : []),
    ],
  };
}

/** What makes a stream one of this profile: "ultrafast" has none of it, and its streams would be of the profile "baseline". */
function toolsOf(profile: VideoConfig['profile']): readonly string[] {
  return { high: ['-8x8dct', '1'], main: ['-coder', 'ac'], baseline: [] }[profile];
}

function x265({ video, gop }: EncoderRequest): Partial<VideoEncoderArguments> {
  const own = [
    ...['open-gop=0', 'scenecut=0', `keyint=${gop}`, `min-keyint=${gop}`, 'log-level=error'],
    ...(video.tune === 'zerolatency'
      ? []
      : [`bframes=${video.bFrames}`, `rc-lookahead=${lookahead265(video)}`]),
  ];
  const tuned = video.tune === 'zerolatency' ? ['-tune', 'zerolatency'] : [];
  return {
    output: ['-preset', video.preset, ...tuned, '-profile:v', 'main', '-x265-params', own.join(':')],
  };
}

/** x265 refuses no more frames of lookahead than B-frames. */
function lookahead265({ bFrames, lookahead }: VideoConfig): number {
  return bFrames === 0 ? lookahead : Math.max(bFrames + 1, lookahead);
}

/** For low delay, where only a constant bitrate is possible, and with closed GOPs. */
function svtAv1({ video }: EncoderRequest): Partial<VideoEncoderArguments> {
  return {
    output: ['-preset', svtPreset(video.preset), '-svtav1-params', 'pred-struct=1:rc=2:irefresh-type=2'],
  };
}

function aomAv1({ video }: EncoderRequest): Partial<VideoEncoderArguments> {
  return {
    output: [
      ...['-usage', 'realtime', '-cpu-used', aomPreset(video.preset)],
      ...['-lag-in-frames', '0', '-row-mt', '1', '-aq-mode', '3'],
    ],
  };
}

function nvenc({ video, modern }: EncoderRequest): Partial<VideoEncoderArguments> {
  const zeroLatency = video.tune === 'zerolatency';
  const preset = modern ? nvencPreset(video.preset) : zeroLatency ? 'llhq' : 'default';
  return {
    output: [
      ...['-preset', preset, ...(modern ? ['-tune', zeroLatency ? 'ull' : 'hq'] : [])],
      ...[...profile(video, video.profile), '-rc', 'cbr', '-no-scenecut', '1', '-forced-idr', '1'],
      ...(zeroLatency ? ['-zerolatency', '1', '-delay', '0'] : []),
      ...(video.lookahead > 0 ? ['-rc-lookahead', String(video.lookahead)] : []),
      ...bFrames(video),
    ],
  };
}

function vaapi({ video }: EncoderRequest): Partial<VideoEncoderArguments> {
  return {
    global: ['-vaapi_device', '/dev/dri/renderD128'],
    filters: ['format=nv12', 'hwupload'],
    output: [...profile(video, constrained(video)), '-rc_mode', 'CBR', ...bFrames(video)],
  };
}

/** Of HEVC and AV1, all streams here have the profile "main". */
function profile({ encoder }: VideoConfig, ofH264: string): readonly string[] {
  const codec = codecOf(encoder);
  if (codec === 'h264') return ['-profile:v', ofH264];
  return codec === 'hevc' ? ['-profile:v', 'main'] : [];
}

/**
 * For encoders whose baseline profile is the constrained one that browsers require, without the rarely
 * used tools.
 */
function constrained({ profile }: VideoConfig): string {
  return profile === 'baseline' ? 'constrained_baseline' : profile;
}

function quickSync({ video }: EncoderRequest): Partial<VideoEncoderArguments> {
  const lookahead =
    video.lookahead > 0
      ? ['-look_ahead', '1', '-look_ahead_depth', String(video.lookahead)]
      : ['-async_depth', '1'];
  return {
    filters: ['format=nv12'],
    output: [
      ...['-preset', quickSyncPreset(video.preset), ...profile(video, video.profile), '-forced_idr', '1'],
      ...lookahead,
      ...bFrames(video),
    ],
  };
}

function videoToolbox({ video }: EncoderRequest): Partial<VideoEncoderArguments> {
  return { output: [...profile(video, video.profile), '-realtime', '1', ...bFrames(video)] };
}

function amf({ video }: EncoderRequest): Partial<VideoEncoderArguments> {
  const usage = video.tune === 'zerolatency' ? 'ultralowlatency' : 'transcoding';
  return { output: ['-usage', usage, '-rc', 'cbr', ...profile(video, constrained(video))] };
}
