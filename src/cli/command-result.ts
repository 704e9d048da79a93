import type { CliContext } from './cli-context.js';

/** Prints what a command has returned: text as it is, anything else as JSON. */
export function printResult(result: unknown, stdout: CliContext['stdout']): void {
  if (typeof result === 'string') stdout.line(result);
  else if (result !== null && result !== undefined) stdout.json(result, 2);
}
