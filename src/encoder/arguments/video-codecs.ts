import { codecName } from '../../base/codec-names.js';
import type { VideoConfig } from '../../config/schema.js';
import { codecOf, type VideoCodec } from '../../config/video-codec.js';
import { BulkheadError, ErrorCodes } from '../../protocol/errors.js';

/** The software encoders, the best one of each codec first. */
export const SOFTWARE: Readonly<Record<VideoCodec, readonly string[]>> = {
  h264: ['libx264', 'libopenh264'],
  hevc: ['libx265'],
  av1: ['libsvtav1', 'libaom-av1'],
};

/** Whether it makes one of the programme's codecs. */
export function isVideoEncoder(name: string): boolean {
  return codecOf(name) !== undefined;
}

/** Whether it is a hardware encoder. */
export function isHardwareEncoder(name: string): boolean {
  return isVideoEncoder(name) && /^(?:h264|hevc|av1)_/.test(name);
}

/**
 * Viewers' players would stop, and live servers that take one codec need not take the other.
 *
 * @throws BulkheadError `config.invalid` if the codec would change on air
 */
export function checkCodecChange(start: VideoConfig, next: VideoConfig): void {
  const [before, after] = [codecOf(start.encoder), codecOf(next.encoder)];
  if (before === after || before === undefined || after === undefined) return;
  throw new BulkheadError(
    ErrorCodes.configInvalid,
    `The codec cannot change on air, from ${codecName(before)} to ${codecName(after)}: viewers' players would stop.`,
    {
      where: 'video.encoder',
      remedy: `Set an encoder of ${codecName(before)}, or end the broadcast and start it with "${next.encoder}".`,
    },
  );
}
