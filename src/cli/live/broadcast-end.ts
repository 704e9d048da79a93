import { ExitCodes } from '../../protocol/exit-codes.js';
import type { CliContext } from '../cli-context.js';
import { exitCodeOf, formatError } from '../report-failure.js';
import type { BroadcastEnd } from './broadcast-follower.js';
import type { BroadcastView } from './broadcast-view.js';

/**
 * Prints how a broadcast ended by itself, or by another client's `bulkhead stop`, and returns the exit code.
 */
export function reportEnd(
  { error, wasLive }: Extract<BroadcastEnd, { kind: 'ended' }>,
  view: BroadcastView,
  { stderr }: CliContext,
): number {
  view.finish();
  if (error === undefined) {
    view.print('The broadcast has ended.');
    return ExitCodes.ok;
  }
  const what = wasLive ? 'the broadcast has ended' : 'the broadcast could not go live';
  stderr.line(`bulkhead: ${what}: ${formatError(error)}`);
  view.showLogFile();
  const code = exitCodeOf(error.code);
  return code === ExitCodes.crash ? ExitCodes.unavailable : code;
}
