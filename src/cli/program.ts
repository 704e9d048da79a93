import { Command, Option } from 'commander';
import { defaultAddress } from '../config/address.js';
import { version } from '../version.js';
import { addAudioCommands } from './audio/audio-program.js';
import { checkPlatform } from './check-platform.js';
import type { CliContext } from './cli-context.js';
import { addConfigCommands } from './config/config-program.js';
import { addDelayCommands } from './delay/delay-program.js';
import { addEncoderCommands } from './encoder/encoder-program.js';
import { commandHelp, programHelp } from './help.js';
import type { InspectOptions } from './inspect/inspect.js';
import { addSecretKeyCommands } from './key/key-program.js';
import { addKeyCommands } from './keys/keys-program.js';
import type { LatencyOptions } from './latency/latency.js';
import {
  type AddressOptions,
  addressOption,
  type ConfigOptions,
  configOptions,
  defaultLogFile,
  type JsonOptions,
  jsonOption,
  type LiveOptions,
  type LogOptions,
  logOptions,
  measuredSeconds,
  modeOptions,
  reportOption,
  wholeNumber,
} from './options.js';
import { addOutputCommands } from './output/output-program.js';
import { addOverlayCommands } from './overlay/overlay-program.js';
import { addPluginCommands } from './plugin/plugin-program.js';
import { addRecordCommands } from './record/record-program.js';
import { addReplayCommands } from './replay/replay-program.js';
import { addSceneCommands } from './scene/scene-program.js';
import { addSourceCommands } from './source/source-program.js';

/** The commands that run a broadcast, or a core. */
const ON_AIR = new Set(['live', 'core', 'start', 'dev']);

const INSPECT_HELP = `
A flight record has the last minute: the lines of the log, the messages between the processes (without texts, so without keys), the packets of the
encoder, how the outputs were. One is written when a part of Bulkhead crashes, or is ended since it does not answer. It needs no core.

Examples:
  bulkhead inspect
  bulkhead inspect --json | jq '.entries[] | select(.kind == "log").message'`;

const LATENCY_HELP = `
URL is anything that ffmpeg reads: rtmp://, http:// (HTTP-FLV, HLS), srt:// and so on. The broadcast needs "precisionTimestamps": true
in "video". It is the time from when a frame was composed to when it arrives here, without decoding and showing it. Run it on the
broadcaster's computer, or on one whose clock is set by NTP as well. Ctrl-C prints what has been measured so far.

Examples:
  bulkhead latency rtmp://live.example.org/app/KEY
  bulkhead latency https://live.example.org/show.m3u8 --seconds 60 --json`;

/**
 * Creates the command line parser. Each command's code is loaded when it runs, to shorten the time until a
 * broadcast is on air.
 * @param done Called with the exit code of the command that ran.
 */
export function createProgram(context: CliContext, done: (exitCode: number) => void): Command {
  const address = defaultAddress(context.env);
  const program = new Command('bulkhead')
    .description('Live streaming that stays on air when its parts fail.')
    .version(version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand(false)
    .addHelpText('after', programHelp)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => void context.stdout.piece(text),
      writeErr: (text) => void context.stderr.piece(text),
      getOutHelpWidth: () => context.stdout.columns ?? 100,
      getErrHelpWidth: () => context.stderr.columns ?? 100,
      outputError: (text, write) => write(text.replace(/^error: /, 'bulkhead: ').replace(/\n\(/, ' (')),
    })
    .showSuggestionAfterError()
    .hook('preAction', (_, command) => {
      if (ON_AIR.has(command.name())) checkPlatform(context);
    });

  /**
   * Declares a command with the settings that all commands share. `command()` copies those of the parent.
   */
  const command = (usage: string, description: string) => {
    const name = usage.split(' ')[0] ?? '';
    return program
      .command(usage)
      .description(description)
      .addOption(addressOption(address))
      .addHelpText('after', commandHelp[name] ?? '');
  };
  const withOptions = (target: Command, options: readonly Parameters<Command['addOption']>[0][]) => {
    for (const option of options) target.addOption(option);
    return target;
  };

  withOptions(command('live [config]', 'go live, show the state, and stay on air until Ctrl-C'), [
    ...configOptions(),
    ...modeOptions(),
    reportOption(),
    ...logOptions(defaultLogFile()),
  ]).action(async (config: string | undefined, options: LiveOptions) => {
    const { live } = await import('./commands/live.js');
    done(await live(config, options, context));
  });

  withOptions(command('core', 'run a core here, for "live --mode attach", "start", "stop" and "status"'), [
    ...logOptions('standard error'),
  ]).action(async (options: AddressOptions & LogOptions) => {
    const { core } = await import('./commands/core.js');
    await core(options, context);
  });

  withOptions(command('start [config]', 'make a running core go live, and return'), [
    ...configOptions(),
    jsonOption(),
  ]).action(async (config: string | undefined, options: AddressOptions & ConfigOptions & JsonOptions) => {
    const { start } = await import('./commands/start.js');
    done(await start(config, options, context));
  });

  command('stop', 'end the broadcast of a running core')
    .option('--core', 'end the core as well')
    .addOption(jsonOption())
    .action(async (options: AddressOptions & JsonOptions & { core?: boolean }) => {
      const { stop } = await import('./commands/stop.js');
      done(await stop(options, context));
    });

  command(
    'run [command] [args...]',
    "run a plugin's command in a running core; without one, list all of them",
  )
    .addOption(jsonOption())
    .action(async (name: string | undefined, args: string[], options: AddressOptions & JsonOptions) => {
      const { run } = await import('./commands/run.js');
      done(await run(name, args, options, context));
    });

  command(
    'answer [id] [answers...]',
    "answer a plugin's question; without an answer, ask for it; without arguments, list those that are open",
  )
    .option('--dismiss', 'close the question without an answer')
    .addOption(jsonOption())
    .action(
      async (
        id: string | undefined,
        answers: readonly string[],
        options: AddressOptions & JsonOptions & { dismiss?: boolean },
      ) => {
        const { answer } = await import('./commands/answer.js');
        done(await answer(id, answers, options, context));
      },
    );

  command('status', 'show what a running core does')
    .addOption(jsonOption())
    .option('--watch', 'go on showing it until Ctrl-C; with --json a line for each change')
    .action(async (options: AddressOptions & JsonOptions & { watch?: boolean }) => {
      const { status } = await import('./commands/status.js');
      done(await status(options, context));
    });

  command('report', "print the report of a running core's last broadcast")
    .addOption(jsonOption())
    .action(async (options: AddressOptions & JsonOptions) => {
      const { report } = await import('./report/report.js');
      done(await report(options, context));
    });

  command('metrics', "print a running core's figures for Prometheus, or serve them")
    .addOption(
      new Option(
        '--port <number>',
        'serve them by HTTP at /metrics, until Ctrl-C; 0 for any free port',
      ).argParser(wholeNumber(65_535)),
    )
    .option('--host <address>', 'the IP address to listen on', '127.0.0.1')
    .action(async (options: AddressOptions & { host: string; port?: number }) => {
      const { metrics } = await import('./metrics/metrics.js');
      done(await metrics(options, context));
    });

  program
    .command('inspect [file]')
    .description('show a flight record: what happened before something crashed; without a file, the latest')
    .option('--packets', 'show each packet, rather than how many there were in a second')
    .addOption(jsonOption())
    .addHelpText('after', INSPECT_HELP)
    .action(async (file: string | undefined, options: InspectOptions) => {
      const { inspect } = await import('./inspect/inspect.js');
      done(await inspect(file, options, context));
    });

  program
    .command('latency <url>')
    .description('measure how late the frames of a stream arrive at a viewer')
    .addOption(new Option('--seconds <number>', 'how long to measure').argParser(measuredSeconds).default(10))
    .addOption(jsonOption())
    .addHelpText('after', LATENCY_HELP)
    .action(async (url: string, options: LatencyOptions) => {
      const { latency } = await import('./latency/latency.js');
      done(await latency(url, options, context));
    });

  withOptions(
    command('doctor [config]', 'check what a broadcast needs, and say how to fix what is missing'),
    [...configOptions(), jsonOption()],
  ).action(async (config: string | undefined, options: AddressOptions & ConfigOptions & JsonOptions) => {
    const { doctor } = await import('./commands/doctor.js');
    done(await doctor(config, options, context));
  });

  addConfigCommands(
    program
      .command('config')
      .helpCommand(false)
      .description('show and change settings of plugins, and apply an edited configuration, on air'),
    context,
    done,
  );

  addEncoderCommands(
    program.command('encoder').helpCommand(false).description('change the settings of the encoder on air'),
    context,
    done,
  );

  addSceneCommands(
    program
      .command('scene')
      .helpCommand(false)
      .description('show the scenes, put another one on air, change them'),
    context,
    done,
  );

  addSourceCommands(
    program.command('source').helpCommand(false).description('show and change the sources of the scenes'),
    context,
    done,
  );

  addAudioCommands(
    program.command('audio').helpCommand(false).description('show and change how the sources are mixed'),
    context,
    done,
  );

  addOverlayCommands(
    program
      .command('overlay')
      .helpCommand(false)
      .description('show and change the text and images above the scenes'),
    context,
    done,
  );

  addKeyCommands(
    program
      .command('keys')
      .helpCommand(false)
      .description('show the keys that run commands, and do what a key does'),
    context,
    done,
  );

  addSecretKeyCommands(
    program
      .command('key')
      .helpCommand(false)
      .description('keep stream keys in the system\'s keyring, for "key": "keyring:NAME"'),
    context,
    done,
  );

  addOutputCommands(
    program
      .command('output')
      .helpCommand(false)
      .description('add, remove, stop, start and change outputs on air'),
    context,
    done,
  );

  addRecordCommands(
    program
      .command('record')
      .helpCommand(false)
      .description('record the broadcast on air, and repair recordings that were cut off'),
    context,
    done,
  );

  addReplayCommands(
    program
      .command('replay')
      .helpCommand(false)
      .description('keep the last seconds of the broadcast, and save them as replays'),
    context,
    done,
  );

  addDelayCommands(
    program
      .command('delay')
      .helpCommand(false)
      .description('take back what has not aired yet at outputs with a delay'),
    context,
    done,
  );

  addPluginCommands(
    program.command('plugin').helpCommand(false).description('install, manage, write and test plugins'),
    context,
    done,
  );

  return program;
}
