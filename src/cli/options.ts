import { join } from 'node:path';
import { InvalidArgumentError, Option } from 'commander';
import envPaths from 'env-paths';
import { LOG_LEVELS } from '../core/core-options.js';
import type { RunMode } from '../protocol/status/status.js';

export interface AddressOptions {
  readonly address: string;
}

export interface ConfigOptions {
  readonly input?: string;
  readonly output?: readonly string[];
  readonly plugins?: readonly string[];
  readonly once?: boolean;
}

export interface LogOptions {
  readonly logLevel?: string;
  readonly logFile?: string;
}

export interface JsonOptions {
  readonly json?: boolean;
}

export interface LiveOptions extends AddressOptions, ConfigOptions, LogOptions {
  readonly mode?: RunMode;
  readonly isolate?: 'plugins' | 'encoder';
  readonly report?: string;
}

/** Default log file of a core started by `bulkhead live`. */
export function defaultLogFile(): string {
  return join(envPaths('bulkhead', { suffix: '' }).log, 'core.log');
}

export const addressOption = (defaultAddress: string) =>
  new Option('--address <path>', "the core's control socket, also $BULKHEAD_ADDRESS")
    .default(defaultAddress)
    .argParser((text: string) => {
      if (text === '') throw new InvalidArgumentError('Give the path of a socket.');
      return text;
    });

export const saveOption = () => new Option('--save', 'write it into the configuration file as well');

/** Of an entry in a list. */
export const placeOption = (description: string) =>
  new Option('--at <number>', description).argParser(wholeNumber(100));

export function wholeNumber(most: number): (text: string) => number {
  return (text) => {
    if (/^\d{1,5}$/.test(text) && Number(text) <= most) return Number(text);
    throw new InvalidArgumentError(`Expected a whole number from 0 to ${most}.`);
  };
}

/** The range is checked where the configuration's is. */
export function seconds(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && Number.isFinite(value)) return value;
  throw new InvalidArgumentError('Expected a number of seconds, such as 30.');
}

/** How long something is measured. */
export function measuredSeconds(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && value >= 2 && value <= 3600) return value;
  throw new InvalidArgumentError('Expected a number of seconds from 2 to 3600, such as 30.');
}

const collect = (value: string, before: readonly string[] | undefined) => [...(before ?? []), value];

export const configOptions = () => [
  new Option(
    '--input <input>',
    'test-pattern, a media file (looped) or image file, a URL, screen[:DISPLAY], camera[:DEVICE], microphone[:DEVICE] or desktop-audio[:DEVICE]',
  ),
  new Option('--once', 'play the media file once, and end the broadcast with it'),
  new Option('--output <url>', 'rtmp:// or rtmps:// address with its key; may be repeated').argParser(
    collect,
  ),
  new Option('--plugins <dir>', 'folder of a plugin, or of several; may be repeated').argParser(collect),
];

export const modeOptions = () => [
  new Option('--mode <mode>', 'how the core runs: see "Modes" below (default: "spawn")').choices([
    'spawn',
    'attach',
    'hybrid',
  ]),
  new Option('--isolate <part>', 'hybrid: the one part that is a process of its own').choices([
    'plugins',
    'encoder',
  ]),
];

export const reportOption = () =>
  new Option('--report <file>', 'write a report of the broadcast there when it ends, as JSON');

export const logOptions = (defaultFile: string) => [
  new Option('--log-level <level>', 'how much goes into the core\'s log (default: "info")').choices(
    LOG_LEVELS,
  ),
  new Option('--log-file <path>', `where the core's log goes (default: ${defaultFile})`),
];

export const jsonOption = () => new Option('--json', 'print JSON, for scripts');
