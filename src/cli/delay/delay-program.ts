import { type Command, InvalidArgumentError } from 'commander';
import type { CliContext } from '../cli-context.js';
import { commandsOf } from '../command-group.js';
import { type AddressOptions, type JsonOptions, seconds } from '../options.js';

const CUT_HELP = `
Viewers of outputs with "delaySeconds" see a jump, without a gap. It goes from a keyframe to the next one that comes after this
command, so up to two keyframe intervals more are removed. The delay is that much shorter afterwards.

Examples:
  bulkhead delay cut 20
  bulkhead delay cut`;

/** The commands below `bulkhead delay`. */
export function addDelayCommands(
  delay: Command,
  context: CliContext,
  done: (exitCode: number) => void,
): void {
  const command = commandsOf(delay, context, { cut: CUT_HELP });
  command('cut', 'remove the last seconds before they air; without a number, all that has not aired')
    .argument('[seconds]', 'back from now', positive)
    .action(async (last: number | undefined, options: AddressOptions & JsonOptions) => {
      const { cutDelay } = await import('./cut-delay.js');
      done(await cutDelay(last, options, context));
    });
}

function positive(text: string): number {
  const value = seconds(text);
  if (value > 0) return value;
  throw new InvalidArgumentError('Expected a number of seconds above 0, such as 20.');
}
