import type { SourceType } from '../../protocol/encoder.js';
import { type ErrorCode, ErrorCodes } from '../../protocol/errors.js';

/** An ffmpeg that lacks something, or that is missing, lacks it at the next attempt, too. */
const OF_FFMPEG: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  ErrorCodes.ffmpegNotFound,
  ErrorCodes.ffmpegFailedToStart,
  ErrorCodes.ffmpegUnsupported,
]);
/** What is wrong with the source itself: somebody has to correct it. */
const OF_SOURCE: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  ErrorCodes.inputDenied,
  ErrorCodes.inputInvalid,
]);
/** What is not there may be plugged in. */
const DEVICES: ReadonlySet<SourceType> = new Set<SourceType>([
  'screen',
  'camera',
  'microphone',
  'desktop-audio',
]);

/**
 * Whether a source that could not be opened or read for this reason will hardly be there at the next attempt: it is `failed`,
 * rather than `retrying`. It is tried again all the same.
 */
export function isLasting(code: ErrorCode, type: SourceType): boolean {
  if (OF_FFMPEG.has(code)) return true;
  // What is published next may be another stream.
  if (type === 'ingest') return false;
  return OF_SOURCE.has(code) || (code === ErrorCodes.inputNotFound && !DEVICES.has(type));
}
