import { BulkheadError, ErrorCodes } from '../../protocol/errors.js';
import { ExitCodes } from '../../protocol/exit-codes.js';
import { type PartRole, PROTOCOL_VERSION } from '../../protocol/lifecycle.js';
import type { PartExit } from './part-launcher.js';

/** The part's name in a sentence. */
export function partName(role: PartRole): string {
  return `the ${role.replace('-', ' ')}`;
}

/** `what` continues after the part's name: "exited with code 1". */
export function partFailure(role: PartRole, what: string, cause?: unknown): BulkheadError {
  return new BulkheadError(ErrorCodes.processFailed, `T${partName(role).slice(1)} ${what}.`, {
    where: role,
    cause,
  });
}

export function versionMismatch(role: PartRole, theirs?: number): BulkheadError {
  const whose = theirs === undefined ? 'another protocol version' : `protocol version ${theirs}`;
  return new BulkheadError(
    ErrorCodes.versionMismatch,
    `T${partName(role).slice(1)} speaks ${whose}, the core ${PROTOCOL_VERSION}.`,
    {
      where: role,
      remedy: 'Reinstall Bulkhead so that all of its parts have the same version, and restart it.',
    },
  );
}

/** Describes an unexpected exit. */
export function exitFailure(role: PartRole, { code, signal, why }: PartExit): BulkheadError {
  if (why !== undefined) return partFailure(role, why);
  if (code === ExitCodes.versionMismatch) return versionMismatch(role);
  if (code === ExitCodes.badSettings) {
    return partFailure(role, `refused its settings (exit code ${code}); its log says which`);
  }
  if (signal !== null) return partFailure(role, `was ended by ${signal}`);
  if (code !== null) return partFailure(role, `exited unexpectedly with code ${code}`);
  return partFailure(role, 'could not be started; the log says why');
}

/** Whether starting the part again cannot help. */
export function isFatalExit({ code }: PartExit): boolean {
  return code === ExitCodes.badSettings || code === ExitCodes.versionMismatch;
}
