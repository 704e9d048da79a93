import { type Command, InvalidArgumentError, Option } from 'commander';
import type { CliContext } from '../cli-context.js';
import { type JsonOptions, jsonOption } from '../options.js';
import { authoringHelp } from './authoring-help.js';
import type { NewOptions } from './commands/new.js';
import type { PackOptions } from './commands/pack.js';
import type { TestOptions } from './commands/test.js';
import { inspectOptions } from './inspector-options.js';

/** Default of `--spec`. */
const DEFAULT_SPEC = 'test/**/*.test.{js,mjs,cjs,ts}';

/** Adds the commands for creating, checking and packing a plugin. */
export function addAuthoringCommands(
  plugin: Command,
  context: CliContext,
  done: (exitCode: number) => void,
): void {
  const command = (usage: string, description: string) => {
    const [name = ''] = usage.split(' ');
    return plugin
      .command(usage)
      .description(description)
      .addHelpText('after', authoringHelp[name] ?? '');
  };

  command('new <name> [dir]', 'create a plugin in TypeScript, with a test and a CI workflow')
    .option('--publisher <name>', "the publisher, with which the plugin's id begins")
    .addOption(
      new Option('--license <license>', 'UNLICENSED: nobody else may use it')
        .choices(['MIT', 'UNLICENSED'])
        .default('MIT'),
    )
    .option('--link', 'depend on the Bulkhead that runs here (default when it is not from npm)')
    .option('--no-link', 'depend on the Bulkhead on npm')
    .action(async (name: string, dir: string | undefined, options: NewOptions) => {
      const { newPlugin } = await import('./commands/new.js');
      done(await newPlugin(name, dir, options, context));
    });

  command('check [dir]', 'check a plugin without running it: manifest, code, permissions, secrets')
    .addOption(jsonOption())
    .action(async (dir: string | undefined, options: JsonOptions) => {
      const { check } = await import('./commands/check.js');
      done(await check(dir ?? '.', options, context));
    });

  const test = command(
    'test [dir]',
    "run the plugin's tests in the real extension host, against a core that they steer",
  )
    .option('--grep <pattern>', 'run only the tests whose title matches')
    .addOption(new Option('--reporter <name>').choices(['spec', 'dot', 'junit']).default('spec'))
    .option('--output <file>', 'write the report of --reporter junit there')
    .option('--coverage', "report which of the plugin's code ran, and write coverage/lcov.info in its folder")
    .option('--timeout <ms>', 'how long one test may take', milliseconds, 5000)
    .option('--spec <glob>', "the files with tests, from the plugin's folder", DEFAULT_SPEC)
    .action(async (dir: string | undefined, options: TestOptions) => {
      const { test } = await import('./commands/test.js');
      done(await test(dir ?? '.', options, context));
    });
  for (const option of inspectOptions('before the tests are loaded')) test.addOption(option);

  command('pack [dir]', 'pack a plugin into a .tgz that others can install')
    .option('--out <file>', "the archive, or a folder for it (default: the plugin's folder)")
    .option('--ignore-scripts', 'do not run the script "prepack" before')
    .addOption(jsonOption())
    .action(async (dir: string | undefined, options: PackOptions) => {
      const { pack } = await import('./commands/pack.js');
      done(await pack(dir ?? '.', options, context));
    });
}

function milliseconds(text: string): number {
  const ms = Number(text);
  if (Number.isInteger(ms) && ms > 0) return ms;
  throw new InvalidArgumentError('Give a whole number of milliseconds.');
}
