import type { VideoConfig } from '../../config/schema.js';
import { codecOf } from '../../config/video-codec.js';
import { BulkheadError, ErrorCodes } from '../../protocol/errors.js';
import {
  bitrateArguments,
  FILLING_ENCODERS,
  familyArguments,
  hasBFrames,
  hasLookahead,
  type VideoEncoderArguments,
} from './encoder-families.js';
import { hasOnlyThesePresets, NAMED_PRESETS, PRESETS, plainPreset } from './encoder-presets.js';
import { isVideoEncoder } from './video-codecs.js';

/** Frames from one keyframe to the next. */
export function keyframeInterval({ fps, keyframeIntervalSeconds }: VideoConfig): number {
  return Math.max(1, Math.round(fps * keyframeIntervalSeconds));
}

/**
 * @param modern whether ffmpeg is 5.0 or later
 * @throws BulkheadError `config.invalid` or `encoder.unknown` for settings that no ffmpeg can encode
 */
export function videoEncoderArguments(given: VideoConfig, modern: boolean): VideoEncoderArguments {
  const video = { ...given, preset: plainPreset(given.preset) };
  check(video);
  const gop = keyframeInterval(video);
  const { global, filters, output } = familyArguments({ video, gop, modern });
  return {
    global,
    filters,
    output: [
      ...['-c:v', video.encoder, ...output],
      ...bitrateArguments(video),
      ...['-g', String(gop), '-keyint_min', String(gop)],
      // FLV has parameter sets out of band; a spliced stream also needs them before every keyframe.
      ...['-bsf:v', 'dump_extra=freq=keyframe'],
    ],
  };
}

function check(video: VideoConfig): void {
  const { encoder, tune, profile, preset } = video;
  const refuse = (where: string, message: string, remedy: string): never => {
    throw new BulkheadError(ErrorCodes.configInvalid, message, { where: `video.${where}`, remedy });
  };
  if (!isVideoEncoder(encoder)) throw unknown(encoder);
  if (hasOnlyThesePresets(encoder) && !PRESETS.includes(preset)) {
    refuse(
      'preset',
      `${encoder} has no preset "${preset}".`,
      `Use one of ${[...Object.keys(NAMED_PRESETS), ...PRESETS].join(', ')}.`,
    );
  }
  if (video.constantBitrate && !FILLING_ENCODERS.includes(encoder)) {
    refuse(
      'constantBitrate',
      `${encoder} cannot fill up to a constant bitrate.`,
      `Set it to false, or "video.encoder" to one of ${FILLING_ENCODERS.join(', ')}.`,
    );
  }
  if (video.bFrames > 0) {
    if (tune === 'zerolatency') {
      refuse('bFrames', 'B-frames and the tune "zerolatency" cannot be combined.', 'Set "tune" to "none".');
    }
    if (profile === 'baseline' && codecOf(encoder) === 'h264') {
      refuse('bFrames', 'The profile "baseline" has no B-frames.', 'Set "profile" to "main" or "high".');
    }
    if (!hasBFrames(encoder)) {
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
    if (!hasLookahead(encoder)) {
      refuse('lookahead', `${encoder} does not support lookahead.`, 'Set "lookahead" to 0.');
    }
  }
}

function unknown(encoder: string): BulkheadError {
  return new BulkheadError(
    ErrorCodes.encoderUnknown,
    `"${encoder}" is none of the encoders of H.264, HEVC and AV1 that Bulkhead can use.`,
    {
      where: 'video.encoder',
      remedy:
        'Use "libx264", "libx265", "libsvtav1", or a hardware encoder such as "h264_nvenc", "hevc_vaapi" or "av1_qsv".',
    },
  );
}
