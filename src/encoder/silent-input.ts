import type { SourceConfig } from '../config/schema.js';
import { BulkheadError, ErrorCodes } from '../protocol/errors.js';
import { describeInput, describeWhere } from './ffmpeg-errors.js';

/** `encoder.silent`: everything runs, and no frame has come within `startupMs`. */
export function silentInput(input: SourceConfig, startupMs: number): BulkheadError {
  return new BulkheadError(
    ErrorCodes.encoderSilent,
    `${describeInput(input)} and ffmpeg have delivered no frame in ${startupMs / 1000} s.`,
    {
      where: describeWhere(input),
      remedy: 'Check that the input sends; if it does, try the video encoder "libx264".',
    },
  );
}
