import type { EventEmitter } from 'node:events';
import { processFaults } from '../process-host/process-faults.js';
import { ExitCodes } from '../protocol/exit-codes.js';

/**
 * Handles uncaught errors: a plugin's is one of the failures that a test can expect, and an exception ends the plugin's host,
 * as it would end its process; any other error fails the current test.
 */
export function watchStrayErrors(): void {
  process.setUncaughtExceptionCaptureCallback(takeStrayError);
  process.on('unhandledRejection', (error, promise) => {
    if (!processFaults.offer({ kind: 'unhandled rejection', error, promise })) throw error;
  });
}

/** Handles an error that is uncaught for Node. */
export function takeStrayError(error: unknown): void {
  if (processFaults.offer({ kind: 'uncaught exception', error })) return;
  // Passes it to mocha. Before the first test nothing can continue.
  if ((process as EventEmitter).emit('uncaughtException', error, 'uncaughtException')) return;
  console.error(error);
  process.exit(ExitCodes.crash);
}
