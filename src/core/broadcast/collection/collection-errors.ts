import { BulkheadError, ErrorCodes } from '../../../protocol/errors.js';

/** The error where there is nothing to change. */
export function noScenes(isOnAir: boolean): BulkheadError {
  return new BulkheadError(
    ErrorCodes.broadcastState,
    isOnAir ? 'this broadcast has no scenes' : 'no broadcast is on air whose scenes could be changed',
    {
      remedy: isOnAir
        ? 'Write "scenes" into the configuration, and start it again.'
        : 'Start one with "bulkhead live" or "bulkhead start".',
    },
  );
}

export function nothingTo(way: 'undo' | 'redo'): BulkheadError {
  return new BulkheadError(ErrorCodes.broadcastState, `there is nothing to ${way}`, {
    remedy:
      way === 'undo'
        ? 'What you change of scenes, layers, sources and sound in this broadcast can be undone; what plugins change stays.'
        : 'What was undone can be redone until something else is changed.',
  });
}

/** The error where an undone change cannot be, since plugins have changed something meanwhile. */
export function misfit(way: 'undo' | 'redo', what: string, cause: unknown): BulkheadError {
  const { message } = BulkheadError.from(cause, ErrorCodes.configInvalid);
  return new BulkheadError(
    ErrorCodes.configInvalid,
    `this does not go together with what plugins have changed since: ${way} of ${what}: ${message}`,
    { remedy: 'Change that first, or go back to the configuration with "bulkhead scene reset".' },
  );
}

/** The error where a stinger is asked for on a canvas besides the main one. */
export function stingerElsewhere(): BulkheadError {
  return new BulkheadError(ErrorCodes.configInvalid, 'a stinger is shown on the main canvas alone', {
    where: 'transition.type',
    remedy: 'Take another transition there: "cut", "fade", "slide" or "move".',
  });
}
