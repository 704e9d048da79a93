import type { EventEmitter } from 'node:events';
import { processFaults } from '../process-host/process-faults.js';
import { ExitCodes } from '../protocol/exit-codes.js';

/**
 * Takes what is thrown where nobody catches: a plugin's error ends the plugin's host, as it would end its process, and is one
 * of the failures that a test can expect; any other is the failure of the test that runs.
 */
export function watchStrayErrors(): void {
  process.setUncaughtExceptionCaptureCallback(takeStrayError);
  process.on('unhandledRejection', (error) => {
    if (!processFaults.offer({ kind: 'unhandled rejection', error })) throw error;
  });
}

/** Takes an error that Node would call uncaught. */
export function takeStrayError(error: unknown): void {
  if (processFaults.offer({ kind: 'uncaught exception', error })) return;
  // To mocha. Where no test runs yet, nothing can go on.
  if ((process as EventEmitter).emit('uncaughtException', error, 'uncaughtException')) return;
  console.error(error);
  process.exit(ExitCodes.crash);
}
