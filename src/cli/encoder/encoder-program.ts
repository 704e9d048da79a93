import { type Command, Option } from 'commander';
import { defaultAddress } from '../../config/address.js';
import type { CliContext } from '../cli-context.js';
import { addressOption, jsonOption } from '../options.js';
import type { SetEncoderOptions } from './set-encoder.js';

const HELP = `
Settings: bitrate (of the video, kbit/s), preset, encoder, tune, profile, bFrames, lookahead, constantBitrate and precisionTimestamps (true or false),
keyframeInterval (seconds), audioBitrate (kbit/s) and ffmpeg (a path). The names of the configuration are taken as well, such as bitrateKbps.

Another encoder goes on at the next keyframe; viewers miss no frame. If it fails, the one before goes on, and the command says why.
The settings last until the broadcast ends. Frame size and rate cannot be changed on air.

Examples:
  bulkhead encoder set bitrate=4000 preset=faster
  bulkhead encoder set encoder=h264_nvenc --save`;

/** The commands below `bulkhead encoder`. */
export function addEncoderCommands(
  encoder: Command,
  context: CliContext,
  done: (exitCode: number) => void,
): void {
  encoder
    .command('set <setting=value...>')
    .description('encode with other settings from the next keyframe on')
    .addOption(new Option('--save', 'write them into the configuration file as well'))
    .addOption(addressOption(defaultAddress(context.env)))
    .addOption(jsonOption())
    .addHelpText('after', HELP)
    .action(async (assignments: readonly string[], options: SetEncoderOptions) => {
      const { setEncoder } = await import('./set-encoder.js');
      done(await setEncoder(assignments, options, context));
    });
}
