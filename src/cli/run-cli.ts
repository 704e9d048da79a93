import { CommanderError } from 'commander';
import { ExitCodes } from '../protocol/exit-codes.js';
import type { CliContext } from './cli-context.js';
import { createProgram } from './program.js';
import { reportFailure } from './report-failure.js';

/**
 * Runs one `bulkhead` command.
 * @param args The command line after `bulkhead`.
 * @returns The exit code, one of `ExitCodes`. Never rejects.
 */
export async function runCli(args: readonly string[], context: CliContext): Promise<number> {
  let code: number = ExitCodes.ok;
  const program = createProgram(context, (result) => {
    code = result;
  });
  try {
    await program.parseAsync([...args], { from: 'user' });
    return code;
  } catch (error) {
    // Commander has printed the help or an error.
    if (error instanceof CommanderError) return error.exitCode === 0 ? ExitCodes.ok : ExitCodes.badSettings;
    return reportFailure(error, context.stderr);
  }
}
