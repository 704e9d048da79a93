import { type Command, InvalidArgumentError, Option } from 'commander';
import { PLATFORM_NAMES } from '../../config/platforms.js';
import type { CliContext } from '../cli-context.js';
import { commandsOf } from '../command-group.js';
import { type AddressOptions, type JsonOptions, saveOption, seconds } from '../options.js';
import type { SaveOptions } from './change-outputs.js';
import { outputHelp } from './output-help.js';
import type { OutputOptions } from './secret-options.js';
import type { TestOptions } from './test-outputs.js';

type Common = AddressOptions & JsonOptions;

/** The settings of an output, as in the configuration. */
const settingOptions = () => [
  new Option('--platform <name>', `whose server it is: ${PLATFORM_NAMES.join(', ')}`),
  new Option('--key <where>', 'the stream key: env:NAME, file:PATH or keyring:NAME'),
  new Option('--key-stdin', 'read the stream key from standard input'),
  new Option('--backup <mode>', 'use the backup address: at-once, on-failure or off'),
  new Option('--backup-url <url>', 'a second address of the server, without the key'),
  new Option(
    '--backup-key <where>',
    'its stream key, if it has another one: env:NAME, file:PATH or keyring:NAME',
  ),
  new Option('--username <name>', 'for servers that ask for a login'),
  new Option('--password <where>', 'likewise: env:NAME or file:PATH'),
  new Option('--passphrase <where>', 'of SRT and RIST: env:NAME or file:PATH'),
  new Option('--listen', 'of SRT: wait for a player that connects'),
  new Option('--tls-ca-file <path>', 'PEM file of an authority to trust for this rtmps server'),
  new Option('--multitrack', 'pass on all audio and video tracks of a publisher that sends several'),
  new Option('--codecs <names>', 'video codecs that the server takes besides H.264, such as hevc,av1'),
  new Option('--bind-address <address>', 'IP address or network interface of this computer to send from'),
  new Option('--catch-up-seconds <seconds>', 'how much is kept while the server cannot be reached'),
  new Option('--delay <seconds>', 'air that much later; see "bulkhead delay"').argParser(seconds),
  new Option(
    '--video <settings>',
    'encode it anew for this output: bitrateKbps, height and preset, such as bitrateKbps=2500,height=480',
  ),
  new Option('--clean-feed', 'without the overlays'),
  new Option('--canvas <id>', 'one of "canvases" in place of the scenes'),
];
const NAMES = [
  'platform',
  'key',
  'backup',
  'backup-url',
  'backup-key',
  'username',
  'password',
  'passphrase',
  'listen',
  'tls-ca-file',
  'multitrack',
  'codecs',
  'bind-address',
  'catch-up-seconds',
  'delay',
  'video',
  'clean-feed',
  'canvas',
];

function testSeconds(text: string): number {
  const value = Number(text);
  if (value >= 5 && value <= 60) return value;
  throw new InvalidArgumentError('Expected 5 to 60 seconds.');
}

/** The commands below `bulkhead output`: what is published to, changed on air. */
export function addOutputCommands(
  output: Command,
  context: CliContext,
  done: (exitCode: number) => void,
): void {
  const command = commandsOf(output, context, outputHelp);

  command('list', 'show the outputs, and what was changed on air').action(async (options: Common) => {
    const { listOutputs } = await import('./list-outputs.js');
    done(await listOutputs(options, context));
  });

  command('add <id> [url]', 'publish to another server as well', [...settingOptions(), saveOption()]).action(
    async (id: string, url: string | undefined, options: SaveOptions & OutputOptions) => {
      const { addOutput } = await import('./change-outputs.js');
      done(await addOutput(id, url, options, context));
    },
  );

  const removing = NAMES.map((name) => new Option(`--no-${name}`, `remove that setting`));
  command('set <id>', 'change the settings of an output; only this one reconnects', [
    new Option('--url <url>', 'the address; hls:FOLDER for a folder, whip+https://HOST/PATH for WHIP'),
    ...settingOptions(),
    ...removing,
    saveOption(),
  ]).action(async (id: string, options: SaveOptions & OutputOptions) => {
    const { setOutput } = await import('./change-outputs.js');
    done(await setOutput(id, options, context));
  });

  command('remove <id>', 'end an output, and take it from the list', [saveOption()]).action(
    async (id: string, options: SaveOptions) => {
      const { removeOutput } = await import('./change-outputs.js');
      done(await removeOutput(id, options, context));
    },
  );

  for (const [what, description] of [
    ['stop', 'publish to an output no more; it stays in the list'],
    ['start', 'publish to an output that is stopped or has failed'],
  ] as const) {
    command(`${what} <id>`, description).action(async (id: string, options: Common) => {
      const { switchOutput } = await import('./change-outputs.js');
      done(await switchOutput(id, what, options, context));
    });
  }

  command(
    'test [ids...]',
    'before a broadcast: whether the servers are reached, and what the upload carries',
    [
      new Option('--config <file>', 'the configuration with the outputs').makeOptionMandatory(),
      new Option('--seconds <seconds>', 'how long it is sent (default: 10)').argParser(testSeconds),
      new Option('--publish', 'publish a grey image also where viewers may see it'),
    ],
  ).action(async (ids: readonly string[], options: TestOptions) => {
    const { testOutputs } = await import('./test-outputs.js');
    done(await testOutputs(ids, options, context));
  });

  command('reset [config]', 'go back to the outputs of the configuration').action(
    async (config: string | undefined, options: Common) => {
      const { resetOutputs } = await import('./list-outputs.js');
      done(await resetOutputs(config, options, context));
    },
  );
}
