import { fileURLToPath } from 'node:url';

/** The test process' own code: its frames are of no use to a plugin's author. */
const OWN = fileURLToPath(import.meta.url);
const FRAME = /^\s+at /;

/** The error without Bulkhead's and Node's frames, and without errors that only wrapped another one for the channel. */
export function cleanStack(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const { stack, cause } = error;
  if (stack !== undefined) {
    const lines = stack.split('\n');
    error.stack = lines
      .filter((line) => !FRAME.test(line) || !(line.includes(OWN) || line.includes('node:internal')))
      .join('\n');
  }
  if (cause instanceof Error) {
    const carried = cause.message === error.message && cause.cause instanceof Error ? cause.cause : cause;
    error.cause = cleanStack(carried);
  }
  return error;
}
