import { resolve } from 'node:path';
import { checkValue } from '../../base/check-value.js';
import type * as z from '../../base/zod.js';
import { describeExpectation, describeIssue } from '../../config/describe-issue.js';
import { suggestion } from '../../config/nearest.js';
import { BackupModeSchema } from '../../config/output-backup.js';
import { OUTPUT_VIDEO_SETTINGS, OutputVideoSchema } from '../../config/output-video.js';
import { PLATFORM_NAMES, type PlatformName, PlatformSchema } from '../../config/platforms.js';
import { outputOfAddress } from '../../config/relay-url.js';
import {
  BindAddressSchema,
  CatchUpSecondsSchema,
  VideoCodecSchema,
} from '../../config/rtmp-output-schema.js';
import { KEYRING_NAME } from '../../config/secret-references.js';
import { BulkheadError, ErrorCodes } from '../../protocol/errors.js';
import type { OutputSecrets, OutputSettingsChange } from '../../protocol/outputs.js';
import { findRtmpUrlProblem, isLoopbackUrl } from '../../rtmp/rtmp-url.js';
import type { CliContext } from '../cli-context.js';

/** What `output add` and `output set` take besides the id. False stands for `--no-…`. */
export interface OutputOptions {
  readonly url?: string;
  readonly platform?: string | false;
  readonly key?: string | false;
  readonly keyStdin?: boolean;
  readonly backup?: string | false;
  readonly backupUrl?: string | false;
  readonly backupKey?: string | false;
  readonly username?: string | false;
  readonly password?: string | false;
  readonly passphrase?: string | false;
  readonly listen?: boolean;
  readonly tlsCaFile?: string | false;
  readonly multitrack?: boolean;
  readonly codecs?: string | false;
  readonly bindAddress?: string | false;
  readonly catchUpSeconds?: string | false;
  readonly delay?: number | false;
  readonly video?: string | false;
  readonly cleanFeed?: boolean;
  readonly canvas?: string | false;
}

/** Settings as they would stand in a configuration, and the values that this command has found for them. */
export interface GivenSettings {
  readonly change: OutputSettingsChange;
  readonly secrets: OutputSecrets;
}

const MAX_SECRET = 4096;

/**
 * Reads what the options refer to: `env:NAME` in this command's environment, `--key-stdin` on standard input. The core reads
 * `file:PATH` itself, which counts from this command's folder.
 *
 * @throws BulkheadError `config.invalid` for a secret on the command line, `config.secretNotFound`
 */
export async function givenSettings(
  id: string,
  options: OutputOptions,
  context: CliContext,
): Promise<GivenSettings> {
  const { url, platform, key, keyStdin, username, password, passphrase } = options;
  const { listen, tlsCaFile, multitrack, codecs, bindAddress, catchUpSeconds } = options;
  const { delay, video, cleanFeed, canvas, backup, backupUrl, backupKey } = options;
  if (keyStdin === true && key !== undefined) {
    throw invalid('--key-stdin', '--key-stdin and --key exclude each other', 'Give one of them.');
  }
  const hasKey = typeof key === 'string' || keyStdin === true;
  if (url !== undefined) checkUrl(url, hasKey);
  if (typeof backupUrl === 'string') checkUrl(backupUrl, hasKey || typeof backupKey === 'string');
  const keys = reference('--key', key, context);
  const backupKeys = reference('--backup-key', backupKey, context);
  const passwords = reference('--password', password, context);
  const passphrases = reference('--passphrase', passphrase, context);
  const typed = keyStdin === true ? await keyFromInput(id, context) : undefined;
  const readKey = typed ?? keys.value;
  return {
    change: {
      ...(url === undefined ? {} : placeOf(url, context.cwd)),
      ...(platform === undefined ? {} : { platform: platform === false ? null : platformNamed(platform) }),
      ...(listen === undefined ? {} : { mode: listen ? ('listener' as const) : ('caller' as const) }),
      ...(keys.setting === undefined ? {} : { key: keys.setting }),
      ...(backup === undefined
        ? {}
        : { backup: backup === false ? null : checked('--backup', BackupModeSchema, backup) }),
      ...(backupUrl === undefined ? {} : { backupUrl: backupUrl === false ? null : backupUrl }),
      ...(backupKeys.setting === undefined ? {} : { backupKey: backupKeys.setting }),
      ...(username === undefined ? {} : { username: username === false ? null : username }),
      ...(passwords.setting === undefined ? {} : { password: passwords.setting }),
      ...(passphrases.setting === undefined ? {} : { passphrase: passphrases.setting }),
      ...(tlsCaFile === undefined
        ? {}
        : { tlsCaFile: tlsCaFile === false ? null : resolve(context.cwd, tlsCaFile) }),
      ...(multitrack === undefined ? {} : { multitrack: multitrack || null }),
      ...(codecs === undefined ? {} : { codecs: codecs === false ? null : codecsOf(codecs) }),
      ...(bindAddress === undefined
        ? {}
        : {
            bindAddress:
              bindAddress === false ? null : checked('--bind-address', BindAddressSchema, bindAddress),
          }),
      ...(catchUpSeconds === undefined
        ? {}
        : {
            catchUpSeconds:
              catchUpSeconds === false
                ? null
                : checked('--catch-up-seconds', CatchUpSecondsSchema, Number(catchUpSeconds)),
          }),
      ...(delay === undefined ? {} : { delaySeconds: delay === false ? null : delay }),
      ...(video === undefined ? {} : { video: video === false ? null : videoOf(video) }),
      ...(canvas === undefined ? {} : { canvas: canvas === false ? null : canvas }),
      ...(cleanFeed === undefined ? {} : { overlays: cleanFeed ? false : null }),
    },
    secrets: {
      ...(readKey === undefined ? {} : { key: readKey }),
      ...(backupKeys.value === undefined ? {} : { backupKey: backupKeys.value }),
      ...(passwords.value === undefined ? {} : { password: passwords.value }),
      ...(passphrases.value === undefined ? {} : { passphrase: passphrases.value }),
    },
  };
}

function platformNamed(name: string): PlatformName {
  const platform = checkValue(PlatformSchema, name.toLowerCase(), { reportInput: true });
  if (platform.success) return platform.data;
  throw invalid('--platform', `unknown platform "${name}"; ${suggestion(name, PLATFORM_NAMES)}`);
}

function checked<T>(option: string, schema: z.ZodType<T>, value: unknown): T {
  const result = checkValue(schema, value, { reportInput: true });
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw invalid(option, issue === undefined ? 'the value is not valid' : describeExpectation(issue));
}

/** @param names separated by commas */
function codecsOf(names: string): OutputSettingsChange['codecs'] {
  const codecs = checkValue(
    VideoCodecSchema.array(),
    names.split(',').map((name) => name.trim().toLowerCase()),
  );
  if (codecs.success) return codecs.data;
  throw invalid(
    '--codecs',
    `expected ${VideoCodecSchema.options.join(', ')}, or several, separated by commas`,
  );
}

/** @param settings such as `bitrateKbps=2500,height=480` */
function videoOf(settings: string): OutputSettingsChange['video'] {
  const given = settings.split(',').map((setting) => {
    const [name = '', value = ''] = setting.split('=', 2).map((part) => part.trim());
    return [name, /^\d+$/.test(value) ? Number(value) : value];
  });
  const video = checkValue(OutputVideoSchema, Object.fromEntries(given), { reportInput: true });
  if (video.success) return video.data;
  const [message = 'it is not valid'] = video.error.issues.flatMap((issue) =>
    describeIssue(issue, () => OUTPUT_VIDEO_SETTINGS),
  );
  throw invalid('--video', message, 'Give for example bitrateKbps=2500,height=480,preset=superfast.');
}

/** Other users can read a command line, and shells keep it: it may name a secret, and not hold one. */
function reference(
  option: string,
  given: string | false | undefined,
  { cwd, env }: CliContext,
): { readonly setting?: string | null; readonly value?: string } {
  if (given === undefined) return {};
  if (given === false) return { setting: null };
  const path = given.startsWith('file:') ? given.slice('file:'.length) : undefined;
  if (path !== undefined && path !== '') return { setting: `file:${resolve(cwd, path)}` };
  const kept = given.startsWith('keyring:') ? given.slice('keyring:'.length) : '';
  if (KEYRING_NAME.test(kept)) return { setting: given };
  const name = given.startsWith('env:') ? given.slice('env:'.length) : '';
  if (name === '') {
    const other = option === '--key' ? ', or --key-stdin and the key on standard input' : '';
    throw invalid(
      option,
      `${option} names where the secret is, and does not take the secret itself: other users can read a command line`,
      `Give env:NAME, file:PATH or keyring:NAME${other}.`,
    );
  }
  const value = env[name];
  if (value === undefined || value === '') {
    throw new BulkheadError(ErrorCodes.secretNotFound, `the environment variable ${name} is not set`, {
      where: option,
      remedy: `Set ${name} where you run this command, or use file:PATH.`,
    });
  }
  return { setting: given, value };
}

/** The address, or the folder. */
function placeOf(address: string, folder: string): Pick<OutputSettingsChange, 'url' | 'folder'> {
  const { type, ...place } = outputOfAddress(address);
  return {
    ...place,
    ...(place.folder ? { folder: resolve(folder, place.folder) } : {}),
    ...(type === undefined ? {} : { type }),
  };
}

/** As far as can be determined: a login, a query, or a key behind the application. */
function checkUrl(url: string, hasKey: boolean): void {
  const { type } = outputOfAddress(url);
  // What is wrong with others, the schema says.
  if (type !== undefined && type !== 'hls' && type !== 'whip') return;
  const problem = type === undefined ? findRtmpUrlProblem(url) : undefined;
  if (problem !== undefined) throw invalid('url', problem);
  if (!URL.canParse(url.trim())) return;
  const { username, password, search, pathname } = new URL(url.trim());
  if (username !== '' || password !== '') {
    throw invalid(
      'url',
      'the address holds a login, which others can read on the command line',
      'Give --username, and --password env:NAME or file:PATH.',
    );
  }
  const segments = pathname.split('/').filter(Boolean);
  if (isLoopbackUrl(url) || url.startsWith('hls:')) return;
  if (search !== '') {
    throw invalid(
      'url',
      'the address has a query, which may be a secret, and others can read the command line',
      'Put it behind the key, or write the output into the configuration file.',
    );
  }
  if (type === undefined && !hasKey && segments.length > 1) {
    throw invalid(
      'url',
      'the address seems to end with the stream key, which others can read on the command line',
      'Give the address without it, and the key with --key env:NAME, --key file:PATH or --key-stdin.',
    );
  }
}

async function keyFromInput(id: string, { askHidden, readInput }: CliContext): Promise<string> {
  const given = askHidden === undefined ? readInput?.(MAX_SECRET + 1) : askHidden('Stream key (not shown): ');
  const [line = ''] = ((await given) ?? '').split('\n', 1);
  const key = line.trim();
  if (key === '') {
    throw new BulkheadError(ErrorCodes.secretNotFound, 'there is no key on standard input', {
      where: `outputs.${id}`,
      remedy: 'Put the key alone on the first line, for example: bulkhead output add … --key-stdin < key.txt',
    });
  }
  if (key.length > MAX_SECRET)
    throw invalid('--key-stdin', `expected a key of at most ${MAX_SECRET} characters`);
  return key;
}

function invalid(where: string, message: string, remedy?: string): BulkheadError {
  return new BulkheadError(ErrorCodes.configInvalid, message, { where, remedy });
}
