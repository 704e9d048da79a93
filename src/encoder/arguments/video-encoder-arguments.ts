import type { VideoConfig } from '../../config/schema.js';
import { BulkheadError, ErrorCodes } from '../../protocol/errors.js';

/** The arguments of a video encoder. */
export interface VideoEncoderArguments {
  /** Before the inputs. */
  readonly global: readonly string[];
  /** Appended to the video filters. */
  readonly filters: readonly string[];
  readonly output: readonly string[];
}

/** x264's presets, fastest first; those of other encoders are mapped to them. */
const X264_PRESETS = [
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
const NAMED_PRESETS: Readonly<Record<string, string>> = {
  fastest: 'ultrafast',
  balanced: 'veryfast',
  quality: 'medium',
  best: 'slow',
};

const SUBSTITUTE_PRESET = 'veryfast';

/** The H.264 encoders with known options. */
const FAMILIES: Record<string, (video: VideoConfig, modern: boolean) => Partial<VideoEncoderArguments>> = {
  libx264: x264,
  h264_nvenc: nvenc,
  h264_vaapi: vaapi,
  h264_qsv: quickSync,
  h264_videotoolbox: videoToolbox,
  h264_amf: amf,
  libopenh264: (video) => ({ output: ['-profile:v', constrained(video), '-rc_mode', 'bitrate'] }),
};

const WITH_LOOKAHEAD = new Set(['libx264', 'h264_nvenc', 'h264_qsv']);
const WITHOUT_B_FRAMES = new Set(['libopenh264']);

/** The options that make an encoder fill up what it sends to the bitrate. */
const FILLING: Readonly<Record<string, readonly string[]>> = {
  libx264: ['-x264-params', 'filler=1'],
  h264_nvenc: ['-cbr_padding', '1'],
  h264_amf: ['-filler_data', '1'],
};

/** Parts of names of encoders for other codecs. */
const OTHER_CODECS: readonly (readonly [part: RegExp, codec: string])[] = [
  [/265|hevc/, 'HEVC'],
  [/av1/, 'AV1'],
  [/vp9/, 'VP9'],
  [/vp8|libvpx/, 'VP8'],
];

/** Whether its name identifies an H.264 encoder. */
export function isH264Encoder(name: string): boolean {
  return name === 'libx264' || name === 'libopenh264' || name.startsWith('h264_');
}

/** The presets that need less CPU than the one that is set, the fastest last; none for hardware encoders, which need little. */
export function fasterPresets({ encoder, preset }: VideoConfig): readonly string[] {
  if (encoder !== 'libx264') return [];
  const index = X264_PRESETS.indexOf(NAMED_PRESETS[preset] ?? preset);
  return X264_PRESETS.slice(0, Math.max(0, index)).reverse();
}

/**
 * The settings of the software that takes the place of a hardware encoder; undefined for software. Its preset is one that most computers
 * keep up with.
 */
export function softwareInPlace(video: VideoConfig): VideoConfig | undefined {
  if (!video.encoder.startsWith('h264_')) return undefined;
  const preset = NAMED_PRESETS[video.preset] ?? video.preset;
  const isFast = X264_PRESETS.slice(0, X264_PRESETS.indexOf(SUBSTITUTE_PRESET)).includes(preset);
  return { ...video, encoder: 'libx264', preset: isFast ? preset : SUBSTITUTE_PRESET };
}

/** Frames from one keyframe to the next. */
export function keyframeInterval({ fps, keyframeIntervalSeconds }: VideoConfig): number {
  return Math.max(1, Math.round(fps * keyframeIntervalSeconds));
}

/**
 * @param modern whether ffmpeg is 5.0 or later
 * @throws BulkheadError `config.invalid` or `encoder.unknown` for settings that no ffmpeg can encode
 */
export function videoEncoderArguments(given: VideoConfig, modern: boolean): VideoEncoderArguments {
  const video = { ...given, preset: NAMED_PRESETS[given.preset] ?? given.preset };
  check(video);
  const family = FAMILIES[video.encoder]?.(video, modern) ?? { output: bFrames(video) };
  const bitrate = `${video.bitrateKbps}k`;
  const gop = String(keyframeInterval(video));
  return {
    global: family.global ?? [],
    filters: family.filters ?? [],
    output: [
      ...['-c:v', video.encoder],
      ...(family.output ?? []),
      ...((video.constantBitrate && FILLING[video.encoder]) || []),
      ...['-b:v', bitrate, '-maxrate', bitrate, '-bufsize', bitrate],
      ...['-g', gop, '-keyint_min', gop],
      // FLV has SPS and PPS out of band; a spliced stream also needs them before every IDR frame.
      ...['-bsf:v', 'dump_extra=freq=keyframe'],
    ],
  };
}

function check(video: VideoConfig): void {
  const { encoder, tune, profile, preset } = video;
  const refuse = (where: string, message: string, remedy: string): never => {
    throw new BulkheadError(ErrorCodes.configInvalid, message, { where: `video.${where}`, remedy });
  };
  if (!isH264Encoder(encoder)) throw notH264(encoder);
  if (encoder === 'libx264' && !X264_PRESETS.includes(preset)) {
    refuse(
      'preset',
      `libx264 has no preset "${preset}".`,
      `Use one of ${[...Object.keys(NAMED_PRESETS), ...X264_PRESETS].join(', ')}.`,
    );
  }
  if (video.constantBitrate && FILLING[encoder] === undefined) {
    refuse(
      'constantBitrate',
      `${encoder} cannot fill up to a constant bitrate.`,
      `Set it to false, or "video.encoder" to one of ${Object.keys(FILLING).join(', ')}.`,
    );
  }
  if (video.bFrames > 0) {
    if (tune === 'zerolatency') {
      refuse('bFrames', 'B-frames and the tune "zerolatency" cannot be combined.', 'Set "tune" to "none".');
    }
    if (profile === 'baseline') {
      refuse('bFrames', 'The profile "baseline" has no B-frames.', 'Set "profile" to "main" or "high".');
    }
    if (WITHOUT_B_FRAMES.has(encoder)) {
      refuse('bFrames', `${encoder} does not support B-frames.`, 'Set "bFrames" to 0.');
    }
  }
  if (video.lookahead > 0) {
    if (tune === 'zerolatency') {
      refuse(
        'lookahead',
        'Lookahead and the tune "zerolatency" cannot be combined.',
        'Set "tune" to "none".',
      );
    }
    if (!WITH_LOOKAHEAD.has(encoder)) {
      refuse('lookahead', `${encoder} does not support lookahead.`, 'Set "lookahead" to 0.');
    }
  }
}

function notH264(encoder: string): BulkheadError {
  const codec = OTHER_CODECS.find(([part]) => part.test(encoder))?.[1];
  const [, hardware] = /^(?:hevc|av1)_(.+)$/.exec(encoder) ?? [];
  return new BulkheadError(
    ErrorCodes.encoderUnknown,
    codec === undefined
      ? `"${encoder}" is not an H.264 encoder.`
      : `"${encoder}" is not an H.264 encoder: it makes ${codec}, which many live servers and players do not take.`,
    {
      where: 'video.encoder',
      remedy:
        hardware === undefined
          ? 'Use "libx264" or a hardware encoder such as "h264_nvenc", "h264_vaapi" or "h264_videotoolbox".'
          : `Use "h264_${hardware}" or "libx264".`,
    },
  );
}

function bFrames({ bFrames }: VideoConfig): string[] {
  return ['-bf', String(bFrames)];
}

function x264(video: VideoConfig): Partial<VideoEncoderArguments> {
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

function nvenc(video: VideoConfig, modern: boolean): Partial<VideoEncoderArguments> {
  const zeroLatency = video.tune === 'zerolatency';
  const preset = modern ? nvencPreset(video.preset) : zeroLatency ? 'llhq' : 'default';
  return {
    output: [
      ...['-preset', preset, ...(modern ? ['-tune', zeroLatency ? 'ull' : 'hq'] : [])],
      ...['-profile:v', video.profile, '-rc', 'cbr', '-no-scenecut', '1', '-forced-idr', '1'],
      ...(zeroLatency ? ['-zerolatency', '1', '-delay', '0'] : []),
      ...(video.lookahead > 0 ? ['-rc-lookahead', String(video.lookahead)] : []),
      ...bFrames(video),
    ],
  };
}

/** NVENC's p1 (fastest) to p7; its own names are passed through. */
function nvencPreset(preset: string): string {
  const index = X264_PRESETS.indexOf(preset);
  return index < 0 ? preset : `p${Math.min(7, index + 1)}`;
}

function vaapi(video: VideoConfig): Partial<VideoEncoderArguments> {
  return {
    global: ['-vaapi_device', '/dev/dri/renderD128'],
    filters: ['format=nv12', 'hwupload'],
    output: ['-profile:v', constrained(video), '-rc_mode', 'CBR', ...bFrames(video)],
  };
}

/**
 * For encoders whose baseline profile is the constrained one that browsers require, without the rarely
 * used tools.
 */
function constrained({ profile }: VideoConfig): string {
  return profile === 'baseline' ? 'constrained_baseline' : profile;
}

function quickSync(video: VideoConfig): Partial<VideoEncoderArguments> {
  const index = X264_PRESETS.indexOf(video.preset);
  // From "veryfast" to "veryslow" the names are x264's.
  const preset = index < 0 ? video.preset : X264_PRESETS[Math.min(Math.max(index, 2), 8)];
  const lookahead =
    video.lookahead > 0
      ? ['-look_ahead', '1', '-look_ahead_depth', String(video.lookahead)]
      : ['-async_depth', '1'];
  return {
    filters: ['format=nv12'],
    output: [
      ...['-preset', preset ?? 'veryfast', '-profile:v', video.profile, '-forced_idr', '1'],
      ...lookahead,
      ...bFrames(video),
    ],
  };
}

function videoToolbox(video: VideoConfig): Partial<VideoEncoderArguments> {
  return { output: ['-profile:v', video.profile, '-realtime', '1', ...bFrames(video)] };
}

function amf(video: VideoConfig): Partial<VideoEncoderArguments> {
  const usage = video.tune === 'zerolatency' ? 'ultralowlatency' : 'transcoding';
  return {
    output: ['-usage', usage, '-rc', 'cbr', '-profile:v', constrained(video), ...bFrames(video)],
  };
}
