import { type Command, InvalidArgumentError, Option } from 'commander';
import { defaultAddress } from '../../config/address.js';
import type { CliContext } from '../cli-context.js';
import { type AddressOptions, addressOption, type JsonOptions, jsonOption, saveOption } from '../options.js';
import type { AudioOptions } from './change-audio.js';

const SET_HELP = `
The settings are those of "mixer" in the configuration; what is not named stays. JSON has those that have no option: a gate, an equalizer,
a compressor, ducking; null removes one. What is changed is kept for this configuration and restored when it is started again; --save
writes it into the file. "bulkhead scene undo" takes it back.

Examples:
  bulkhead audio set mic --gain-db -6
  bulkhead audio set music --mute
  bulkhead audio set mic --mode always '{ "gate": { "thresholdDb": -50 }, "compressor": {} }' --save
  bulkhead audio set music '{ "ducking": { "by": "mic" } }'`;

/** The commands below `bulkhead audio`. */
export function addAudioCommands(
  audio: Command,
  context: CliContext,
  done: (exitCode: number) => void,
): void {
  const address = defaultAddress(context.env);
  audio
    .command('list')
    .description('show how the sounds of the sources are mixed, and how loud they are')
    .addOption(addressOption(address))
    .addOption(jsonOption())
    .action(async (options: AddressOptions & JsonOptions) => {
      const { listAudio } = await import('./change-audio.js');
      done(await listAudio(options, context));
    });
  const set = audio.command('set <source> [json]').description('change how the sound of a source is mixed');
  for (const option of [
    new Option('--gain-db <number>', 'how much louder or quieter it is, dB').argParser(number),
    new Option('--mute', 'it is not heard'),
    new Option('--no-mute', 'it is heard again'),
    new Option('--solo', 'only it is heard, and others that have this'),
    new Option('--no-solo', 'the others are heard again'),
    new Option('--pan <number>', '-1 is left alone, 1 right alone').argParser(number),
    new Option(
      '--delay-ms <number>',
      'how much later it is heard, ms; negative: earlier than its frames',
    ).argParser(number),
    new Option('--mode <mode>', 'when it is heard').choices(['with-scene', 'always']),
    new Option('--monitor <what>', 'whether this computer plays it, and viewers hear it').choices([
      ...['off', 'on', 'only'],
    ]),
    saveOption(),
    addressOption(address),
    jsonOption(),
  ])
    set.addOption(option);
  set
    .addHelpText('after', SET_HELP)
    .action(async (source: string, json: string | undefined, options: AudioOptions) => {
      const { setAudio } = await import('./change-audio.js');
      done(await setAudio(source, json, options, context));
    });
}

/** The range is checked where the configuration's is. */
function number(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && Number.isFinite(value)) return value;
  throw new InvalidArgumentError('Expected a number, such as -6.');
}
