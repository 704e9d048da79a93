import { fileURLToPath } from 'node:url';

/** What the runner is in: its frames tell a plugin's author nothing. */
const OWN = fileURLToPath(import.meta.url);
const FRAME = /^\s+at /;

/** The error without Bulkhead's and Node's frames, and without the errors that only carried another over the channel. */
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
