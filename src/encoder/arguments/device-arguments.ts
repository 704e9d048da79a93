import { BulkheadError, ErrorCodes } from '../../protocol/errors.js';
import type { EncodeContext } from '../encode-context.js';

/** Number of packets queued between a device's reading thread and the encoder. */
export const QUEUE = ['-thread_queue_size', '512'] as const;

/** A device's frames or its sound, alone. */
export interface CaptureTrack {
  /** Up to and including `-i`. */
  readonly input: readonly string[];
  readonly filters: readonly string[];
}

/** @throws BulkheadError `ffmpeg.unsupported` if this ffmpeg has no such device */
export function needDevice(name: string, what: string, { capabilities }: EncodeContext): void {
  if (capabilities === undefined || capabilities.devices.includes(name)) return;
  throw new BulkheadError(
    ErrorCodes.ffmpegUnsupported,
    `This ffmpeg cannot capture ${what}: it has no "${name}".`,
    {
      where: capabilities.path,
      remedy: 'Install a complete ffmpeg, or name one as "ffmpeg" in the configuration or in FFMPEG_BIN.',
    },
  );
}
