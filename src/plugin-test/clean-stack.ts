import { dirname, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { foldStack } from '../base/stack-frames.js';

/** The folder of the test process' own code: its frames are of no use to a plugin's author. */
const OWN = dirname(fileURLToPath(import.meta.url)) + sep;

/** The error without Bulkhead's and Node's frames, and without errors that only wrapped another one for the channel. */
export function cleanStack(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const { stack, cause } = error;
  if (stack !== undefined) error.stack = foldStack(stack, (frame) => frame.includes(OWN));
  if (cause instanceof Error) {
    const carried = cause.message === error.message && cause.cause instanceof Error ? cause.cause : cause;
    error.cause = cleanStack(carried);
  }
  return error;
}
