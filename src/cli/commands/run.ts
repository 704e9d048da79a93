import { ControlClient } from '../../control-client/control-client.js';
import { ExitCodes } from '../../protocol/exit-codes.js';
import type { CliContext } from '../cli-context.js';
import type { AddressOptions, JsonOptions } from '../options.js';

/** `bulkhead run`: runs a command registered by a plugin, and prints its result. */
export async function run(
  command: string,
  args: readonly string[],
  options: AddressOptions & JsonOptions,
  { stdout }: CliContext,
): Promise<number> {
  const client = await ControlClient.connect(options.address);
  try {
    const answer = await client.runCommand(command, args.map(parsed));
    if (options.json) stdout.json(answer ?? null);
    else if (typeof answer === 'string') stdout.line(answer);
    else if (answer !== null && answer !== undefined) stdout.json(answer, 2);
    return ExitCodes.ok;
  } finally {
    client.dispose();
  }
}

/** Parses an argument that is JSON (`3`, `true`, `{"a": 1}`), and leaves others as text. */
function parsed(argument: string): unknown {
  try {
    return JSON.parse(argument);
  } catch {
    return argument;
  }
}
