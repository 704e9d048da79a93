import { type Command, Option } from 'commander';
import { RECORDING_FORMATS } from '../../config/recording-schema.js';
import type { CliContext } from '../cli-context.js';
import { commandsOf } from '../command-group.js';
import { type AddressOptions, type JsonOptions, jsonOption } from '../options.js';
import type { StartOptions } from './change-recording.js';

type Common = AddressOptions & JsonOptions;

const HELP: Readonly<Record<string, string>> = {
  start: `
Without options, the files are as "recording" of the configuration says. A file that exists is never overwritten.

Examples:
  bulkhead record start
  bulkhead record start --format hybrid-mp4 --file "interview {date}"
  bulkhead record start --clean-feed --source cam --source guest
  bulkhead record start --canvas vertical
  bulkhead record start --audio-tracks voice,music`,
  stop: `
The command returns when the file is complete.`,
  status: `
Example:
  bulkhead record status --json | jq .writtenBytes`,
  pause: `
Nothing is recorded until "bulkhead record resume"; the file has no gap there.`,
  split: `
The next keyframe begins another file; no frame is lost between them.`,
  chapter: `
Markers become chapters as well.

Example:
  bulkhead record chapter "Second half"`,
};

const REPAIR_HELP = `
Of a folder, those files are repaired that were left unfinished, as the start of a recording does it too. It needs no core.

Examples:
  bulkhead record repair ~/Videos/Bulkhead
  bulkhead record repair "2026-11-30 20-15-00.mkv"`;

const withMore = (id: string, before: readonly string[] = []) => [...before, id];

/** The commands below `bulkhead record`. */
export function addRecordCommands(
  record: Command,
  context: CliContext,
  done: (exitCode: number) => void,
): void {
  const command = commandsOf(record, context, HELP);
  const changes = () => import('./change-recording.js');

  command('start', 'record the broadcast on air', [
    new Option('--format <format>', 'container of the file').choices(RECORDING_FORMATS),
    new Option('--file <name>', 'name of the file, without its folder'),
    new Option('--clean-feed', 'record the programme without its overlays as well'),
    new Option('--source <id>', 'record this source as well, as it comes; may be repeated').argParser(
      withMore,
    ),
    new Option('--canvas <id>', 'record this one of "canvases" as well; may be repeated').argParser(withMore),
    new Option(
      '--audio-tracks <buses>',
      "ids of the mixer's buses, with commas, that are recorded besides the programme",
    ).argParser((value) => value.split(',').map((id) => id.trim())),
  ]).action(async (options: Common & StartOptions) => {
    done(await (await changes()).startRecording(options, context));
  });
  command('stop', 'end the recording').action(async (options: Common) => {
    done(await (await changes()).stopRecording(options, context));
  });
  command('status', 'show the recording').action(async (options: Common) => {
    done(await (await changes()).showRecording(options, context));
  });
  command('pause', 'record nothing for a while').action(async (options: Common) => {
    done(await (await changes()).pauseRecording(options, context));
  });
  command('resume', 'go on after a pause').action(async (options: Common) => {
    done(await (await changes()).resumeRecording(options, context));
  });
  command('split', 'go on in another file').action(async (options: Common) => {
    done(await (await changes()).splitRecording(options, context));
  });
  command('chapter <title>', 'set a chapter at this moment').action(
    async (title: string, options: Common) => {
      done(await (await changes()).addChapter(title, options, context));
    },
  );
  record
    .command('repair <path>')
    .description('make recordings playable that were cut off: a file, or those in a folder')
    .addOption(jsonOption())
    .addHelpText('after', REPAIR_HELP)
    .action(async (path: string, options: JsonOptions) => {
      const { repairRecordings } = await import('./repair-recordings.js');
      done(await repairRecordings(path, options, context));
    });
}
