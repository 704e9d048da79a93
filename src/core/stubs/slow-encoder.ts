import type { VideoConfig } from '../../config/schema.js';
import type { EncoderAdapted } from '../../protocol/encoder.js';
import { BulkheadError, ErrorCodes } from '../../protocol/errors.js';

/** What the encoder does about a computer that is too slow for what is set. */
export function adaptedEncoder(
  { what, stride }: EncoderAdapted,
  video: VideoConfig,
  now: string,
): BulkheadError {
  const remedy = `Close other programs, or set ${smaller(video)} or a preset that this computer can keep up with.`;
  if (what === 'exhausted')
    return slow(`This computer is too slow even for ${now}; viewers will see stutter.`, remedy);
  const loss = stride === 2 ? 'every second frame is left out' : 'the quality is a little lower';
  return slow(
    `This computer is too slow for the settings of the encoder: it goes on with ${now}; ${loss}.`,
    remedy,
  );
}

/** How it encodes now, in words. */
export function paceInWords({ preset, stride }: EncoderAdapted, { fps }: VideoConfig): string {
  return stride === 2 ? `the preset "${preset}" and ${fps / 2} fps` : `the preset "${preset}"`;
}

function slow(message: string, remedy: string): BulkheadError {
  return new BulkheadError(ErrorCodes.encoderSlow, message, { where: 'encoder', remedy });
}

function smaller({ width, height }: VideoConfig): string {
  return `a smaller "video.width", "video.height" (${width}×${height} now) or "video.fps",`;
}
