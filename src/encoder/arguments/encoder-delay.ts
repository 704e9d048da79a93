import { availableParallelism } from 'node:os';
import type { VideoConfig } from '../../config/schema.js';
import { BulkheadError, ErrorCodes } from '../../protocol/errors.js';

const MACROBLOCK = 16;
/** SVT-AV1 for low delay encodes several frames at once: three with two cores. */
const SVT_FRAMES = 8;
/** Frames by which encoders reorder with many B-frames: those of a pyramid are referred to by others. */
const MOST_REORDERED = 2;

/**
 * Frames that an encoder keeps back with these settings, at most about: the next one is delivered when it has been given more. A frame
 * counts as delivered with its whole mini-GOP.
 *
 * @param cores that x264 uses, which encodes several frames at once
 */
export function encoderDelayFrames(
  { encoder, tune, bFrames, lookahead, height }: VideoConfig,
  cores = availableParallelism(),
): number {
  if (encoder === 'libsvtav1') return SVT_FRAMES;
  if (tune === 'zerolatency') return 0;
  const reordered = Math.max(bFrames, lookahead) + bFrames;
  // x264's own rules: i_threads, i_sync_lookahead and b_vfr_input in encoder.c. It also takes the place of hardware, which keeps fewer.
  const rows = Math.ceil(height / MACROBLOCK);
  const threads = Math.max(1, Math.min(Math.ceil(cores * 1.5), Math.floor((rows + 1) / 2)));
  return reordered + threads - 1 + (bFrames + 1) + 1;
}

/** Frames that are decoded before one that is shown earlier, at most about. */
export function reorderedFrames({ bFrames }: VideoConfig): number {
  return Math.min(bFrames, MOST_REORDERED);
}

/** Seconds by which an encoder's delay may grow on air: for so long, viewers get no frame. */
const MOST_LONGER_S = 1.2;

/** Frames more than now that may be kept back after changes on air. */
export function moreDelayFrames(fps: number): number {
  return Math.ceil(MOST_LONGER_S * fps);
}

/**
 * @param start the settings with which the encoder was started
 * @throws BulkheadError `config.invalid` if encoders with the next settings keep too many frames back
 */
export function checkDelayChange(start: VideoConfig, next: VideoConfig): void {
  const longer = encoderDelayFrames(next) - encoderDelayFrames(start);
  if (longer <= moreDelayFrames(next.fps)) return;
  const seconds = (longer / next.fps).toFixed(1);
  throw new BulkheadError(
    ErrorCodes.configInvalid,
    `With these B-frames and this lookahead, frames are on air ${seconds} s later than with those of the start; on air ${MOST_LONGER_S} s are allowed.`,
    {
      where: 'video.lookahead',
      remedy: 'Set fewer, or set them in the configuration and start the broadcast again.',
    },
  );
}
