import type { Size } from '../../base/geometry.js';
import type { AudioConfig, VideoConfig } from '../../config/schema.js';
import { codecOf } from '../../config/video-codec.js';
import { withPrecisionTimestamp } from '../../media/precision-timestamp.js';
import { encoderDelayFrames, reorderedFrames } from '../arguments/encoder-delay.js';
import { softwareInPlace } from '../arguments/encoder-presets.js';
import { keyframeInterval, videoEncoderArguments } from '../arguments/video-encoder-arguments.js';
import type { FfmpegChildOptions } from '../ffmpeg-child.js';
import { VideoEncoder, type VideoEncoderOptions } from './video-encoder.js';
import type { EncodedTag } from './video-track.js';

/** How video and sound are encoded: of the settings all but the input. */
export interface Encoding {
  readonly video: VideoConfig;
  readonly audio: Pick<AudioConfig, 'bitrateKbps'>;
  readonly ffmpeg: Pick<FfmpegChildOptions, 'path' | 'ownProcessGroup' | 'onLog' | 'niceness'>;
  /** Whether ffmpeg is 5.0 or later. */
  readonly modern: boolean;
  /** Names of this ffmpeg's encoders, of which one can take the place of a hardware encoder; undefined if it has not been asked yet. */
  readonly available: readonly string[] | undefined;
  /** What the video encoder needs besides its settings: colour tags, and how this ffmpeg passes frames through as they come. */
  readonly more: readonly string[];
  /** The frames that it is given, where those are not of the size in `video`: they are scaled. */
  readonly canvas?: Size;
}

/** How much less than what is set is encoded, on a machine that is too slow. */
export interface Reduction {
  /** In the place of the preset that is set. */
  readonly preset?: string;
  /** 2 has every second frame encoded. */
  readonly stride: 1 | 2;
}

export const NO_REDUCTION: Reduction = { stride: 1 };

/** What a track of video is made with, and what a handover to these settings changes. */
export function videoTrackOf(encoding: Encoding, reduction: Reduction) {
  const { video, ffmpeg, canvas = video } = encoding;
  const encode = encodeArguments(encoding, reduction);
  const software = softwareOf(encoding);
  const substitute = software && encodeArguments(software, { stride: reduction.stride });
  let started = 0;
  return {
    // What fails in hardware once may fail again: the held encoder is software.
    start: () => {
      started += 1;
      const isSubstitute = substitute !== undefined && started > 1;
      return new VideoEncoder({
        ...ffmpeg,
        ...(isSubstitute ? substitute : encode),
        isSubstitute,
        format: { ...canvas, fps: video.fps },
      });
    },
    stride: reduction.stride,
    keyframeSlots: keyframeInterval(video),
    delaySlots: encoderDelayFrames(video) * reduction.stride,
  };
}

/** @throws BulkheadError `config.invalid` or `encoder.unknown` for settings that no ffmpeg can encode */
export function encodeArguments(
  { video, modern, more, canvas }: Encoding,
  { preset, stride }: Reduction,
): Pick<VideoEncoderOptions, 'global' | 'encode' | 'codec' | 'reordered'> {
  const reduced = { ...video, preset: preset ?? video.preset, fps: video.fps / stride };
  const { global, filters, output } = videoEncoderArguments(reduced, modern);
  const all = [...(canvas === undefined ? [] : scaling(canvas, video)), ...filters];
  return {
    global,
    codec: codecOf(video.encoder) ?? 'h264',
    reordered: reorderedFrames(video),
    encode: [...(all.length === 0 ? [] : ['-vf', all.join(',')]), ...output, ...more],
  };
}

/** The software that takes the place of a hardware encoder; undefined for software, and where this ffmpeg has none. */
export function softwareOf(encoding: Encoding): Encoding | undefined {
  const video = softwareInPlace(encoding.video, encoding.available);
  return video && { ...encoding, video };
}

/** The payload of a tag as it goes to the core. */
export function markedPayload({ video }: Encoding, { payload, takenMs }: EncodedTag): Buffer {
  return video.precisionTimestamps && takenMs !== undefined
    ? withPrecisionTimestamp(payload, takenMs)
    : payload;
}

/** How long the video encoder keeps a frame, ms. */
export function delayMs({ video }: Encoding, { stride }: Reduction): number {
  return (encoderDelayFrames(video) * stride * 1000) / video.fps;
}

/** A size that is not in the canvas' proportions by a pixel is shown in them. */
function scaling(canvas: Size, { width, height }: Size): string[] {
  return canvas.width === width && canvas.height === height
    ? []
    : [`scale=${width}:${height}:flags=bicubic`, 'setsar=1'];
}
