import { codecName } from '../../base/codec-names.js';
import { codecOf } from '../../config/video-codec.js';
import { BulkheadError, ErrorCodes } from '../../protocol/errors.js';
import type { EncodeContext } from '../encode-context.js';

/** @throws BulkheadError `encoder.unknown` if this ffmpeg is known to lack the encoder */
export function checkEncoder(name: string, { capabilities }: EncodeContext): void {
  if (capabilities === undefined || capabilities.encoders.includes(name)) return;
  const codec = codecOf(name) ?? 'h264';
  const others = capabilities.encoders.filter((other) => codecOf(other) === codec);
  throw new BulkheadError(ErrorCodes.encoderUnknown, `This ffmpeg has no video encoder "${name}".`, {
    where: capabilities.path,
    remedy:
      others.length === 0
        ? `It has none of ${codecName(codec)}. Install a complete ffmpeg, or use another codec, such as with "libx264".`
        : `Its ${codecName(codec)} encoders: ${others.join(', ')}. They are set as "video.encoder".`,
  });
}
