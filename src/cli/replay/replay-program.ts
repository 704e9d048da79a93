import { type Command, InvalidArgumentError, Option } from 'commander';
import type { CliContext } from '../cli-context.js';
import { commandsOf } from '../command-group.js';
import { type AddressOptions, type JsonOptions, seconds } from '../options.js';
import type { SaveOptions } from './replay.js';

type Common = AddressOptions & JsonOptions;

const HELP: Readonly<Record<string, string>> = {
  start: `
Broadcasts with "replay" in their configuration have it from their start. With another number of seconds, a buffer that is on keeps what it has.

Example:
  bulkhead replay start --seconds 60`,
  stop: `
What was kept is forgotten.`,
  save: `
The command returns when the file is complete, and prints its path. The file begins with the keyframe before.

Examples:
  bulkhead replay save
  bulkhead replay save --seconds 10 --name "goal {n}"
  bulkhead replay save && bulkhead scene switch replay`,
  status: `
Example:
  bulkhead replay status --json | jq .heldMs`,
};

/** The commands below `bulkhead replay`. */
export function addReplayCommands(
  replay: Command,
  context: CliContext,
  done: (exitCode: number) => void,
): void {
  const command = commandsOf(replay, context, HELP);
  const commands = () => import('./replay.js');
  const time = (what: string) => new Option('--seconds <n>', what).argParser(kept);

  command('start', 'keep the last seconds of the broadcast on air', [time('how many are kept')]).action(
    async (options: Common & SaveOptions) => {
      done(await (await commands()).startReplay(options, context));
    },
  );
  command('stop', 'keep nothing more').action(async (options: Common) => {
    done(await (await commands()).stopReplay(options, context));
  });
  command('save', 'save what is kept to a file', [
    time('only so many, back from now'),
    new Option('--name <name>', 'name of the file, without its folder'),
  ]).action(async (options: Common & SaveOptions) => {
    done(await (await commands()).saveReplay(options, context));
  });
  command('status', 'show what is kept, and what was saved').action(async (options: Common) => {
    done(await (await commands()).showReplay(options, context));
  });
}

function kept(text: string): number {
  const value = seconds(text);
  if (value >= 1 && value <= 600) return value;
  throw new InvalidArgumentError('Expected a number of seconds from 1 to 600, such as 30.');
}
