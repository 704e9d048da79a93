import { ControlClient } from '../../control-client/control-client.js';
import type { AvailableCommand } from '../../protocol/available-commands.js';
import { ExitCodes } from '../../protocol/exit-codes.js';
import type { CliContext } from '../cli-context.js';
import { parseCommandArgument } from '../command-argument.js';
import { printResult } from '../command-result.js';
import type { AddressOptions, JsonOptions } from '../options.js';
import { bold, dim, type Styled, styled } from '../terminal/styled.js';

/** `bulkhead run`: runs a command of a plugin and prints its result; without a command, lists all of them. */
export async function run(
  command: string | undefined,
  args: readonly string[],
  options: AddressOptions & JsonOptions,
  { stdout }: CliContext,
): Promise<number> {
  const values = args.map(parseCommandArgument);
  const client = await ControlClient.connect(options.address);
  try {
    if (command === undefined) {
      const commands = await client.listCommands();
      if (options.json) stdout.json(commands, 2);
      else stdout.line(...commandList(commands));
      return ExitCodes.ok;
    }
    const answer = await client.runCommand(command, values);
    if (options.json) stdout.json(answer ?? null);
    else printResult(answer, stdout);
    return ExitCodes.ok;
  } finally {
    client.dispose();
  }
}

/** Each plugin with its commands and their titles; Bulkhead's own come last. */
export function commandList(commands: readonly AvailableCommand[]): Styled[] {
  const width = Math.max(...commands.map(({ command }) => command.length));
  const byOwner = new Map<string | undefined, AvailableCommand[]>();
  for (const one of commands) byOwner.set(one.plugin, [...(byOwner.get(one.plugin) ?? []), one]);
  const owners = [...byOwner].sort(([a], [b]) =>
    a === undefined ? 1 : b === undefined ? -1 : a < b ? -1 : 1,
  );
  return owners.flatMap(([owner, own]) => [
    styled`${bold(owner ?? 'Bulkhead')}`,
    ...own.map(({ command, title = '', enablement, isEnabled }) => {
      const line = `  ${title === '' && isEnabled ? command : `${command.padEnd(width)}  ${title}`}`;
      return isEnabled ? styled`${line}` : dim(`${line}  (not now, only when ${enablement})`);
    }),
  ]);
}
