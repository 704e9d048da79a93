import { BulkheadError, ErrorCodes } from '../../protocol/errors.js';
import type { EncodeContext } from '../encode-context.js';
import { isH264Encoder } from './video-encoder-arguments.js';

/** @throws BulkheadError `encoder.unknown` if this ffmpeg is known to lack the encoder */
export function checkEncoder(name: string, { capabilities }: EncodeContext): void {
  if (capabilities === undefined || capabilities.encoders.includes(name)) return;
  const others = capabilities.encoders.filter(isH264Encoder);
  throw new BulkheadError(ErrorCodes.encoderUnknown, `This ffmpeg has no video encoder "${name}".`, {
    where: capabilities.path,
    remedy:
      others.length === 0
        ? 'Install an ffmpeg with libx264.'
        : `Its H.264 encoders: ${others.join(', ')}. They are set as "video.encoder".`,
  });
}
