import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { checkValue } from '../base/check-value.js';
import { type ErrorCode, ErrorCodes } from '../protocol/errors.js';
import { parseInputArgument, parseOutputArguments, parsePluginArguments } from './arguments.js';
import { ConfigDocument } from './config-document.js';
import { ConfigError, type ConfigMistake } from './config-error.js';
import { type ConfigPath, formatPath } from './config-path.js';
import { type ConfigIssue, describeIssue } from './describe-issue.js';
import { knownKeys } from './json-schema.js';
import { checkDelays } from './output-delay.js';
import { checkRenditions } from './output-video.js';
import { checkPaths, withAbsolutePaths } from './paths.js';
import { findPlainSecrets } from './plain-secrets.js';
import { checkPlatforms, findPlatformWarnings } from './platform-checks.js';
import { checkRecordedFeeds } from './recorded-feeds.js';
import { checkScenes } from './scenes.js';
import { type BroadcastConfig, BroadcastConfigSchema } from './schema.js';
import { checkSources, playedOnce, withDefaultInput } from './sources.js';

/** A larger file is not a configuration, but probably a media file given in its place. */
const MAX_CONFIG_BYTES = 1024 * 1024;

/** Maximum number of errors shown. */
const MAX_MISTAKES = 50;

/** Command line options for the broadcast; each one given overrides the file's value. */
export interface ConfigFlags {
  readonly input?: string | undefined;
  readonly outputs?: readonly string[] | undefined;
  readonly plugins?: readonly string[] | undefined;
  /** Whether a media file is played once, overriding the configuration. */
  readonly once?: boolean | undefined;
}

export interface LoadedConfig {
  /** Paths are absolute; references to secrets (`env:NAME`, `file:PATH`) are not resolved. */
  readonly config: BroadcastConfig;
  /** Settings that work, but should be written differently. */
  readonly warnings: readonly ConfigMistake[];
  /** Position of the value at a path in the file: `show.jsonc:4:12`. */
  readonly where: (path: ConfigPath) => string;
}

/**
 * Reads the configuration file, if there is one, applies the flags, and validates the result.
 *
 * @param folder Base of relative paths in the arguments; those in the file are relative to the file.
 * @throws ConfigError with every error found.
 */
export function loadConfig(
  file: string | undefined,
  flags: ConfigFlags,
  folder = process.cwd(),
): LoadedConfig {
  const overrides: Partial<BroadcastConfig> = {
    ...(flags.input === undefined ? {} : { input: parseInputArgument(flags.input, folder) }),
    ...(flags.outputs === undefined ? {} : { outputs: parseOutputArguments(flags.outputs, folder) }),
    ...(flags.plugins === undefined ? {} : { plugins: parsePluginArguments(flags.plugins, folder) }),
  };
  if (file === undefined) {
    const config = withOnce({ ...BroadcastConfigSchema.parse({}), ...overrides }, flags);
    checkSources(config, formatPath);
    return { config, warnings: [], where: formatPath };
  }

  const path = resolve(folder, file);
  const { document, config: parsed, hasInput } = parseConfig(file, readConfigText(path, file));
  const config = withOnce({ ...withAbsolutePaths(parsed, dirname(path)), ...overrides }, flags);
  const where = (at: ConfigPath) => document.whereValue(at);
  checkSources(config, where);
  checkScenes(config, hasInput || overrides.input !== undefined, where);
  checkPaths(config, where);
  checkPlatforms(config, where);
  checkDelays(config, where);
  checkRenditions(config, where);
  checkRecordedFeeds(config, where);
  const secrets = overrides.outputs === undefined ? findPlainSecrets(config, document) : [];
  return {
    config,
    warnings: [...secrets, ...findPlatformWarnings(config, where)],
    where,
  };
}

/**
 * The same with what it names: sources, scenes and ingests.
 *
 * @throws ConfigError with every mistake found
 */
export function checkConfigText(name: string, text: string): void {
  const { document, config, hasInput } = parseConfig(name, text);
  const where = (at: ConfigPath) => document.whereValue(at);
  checkSources(config, where);
  checkScenes(config, hasInput, where);
}

/**
 * Checks the text of a configuration file. Files that it names are not looked at.
 *
 * @param name The file's name as it is shown in mistakes.
 * @throws ConfigError with every mistake found.
 */
export function parseConfig(
  name: string,
  text: string,
): { readonly document: ConfigDocument; readonly config: BroadcastConfig; readonly hasInput: boolean } {
  const document = new ConfigDocument(name, text);
  const result = checkValue(BroadcastConfigSchema, document.value, { reportInput: true });
  if (result.success) {
    const { data } = result;
    const hasInput = Object.hasOwn(Object(document.value), 'input');
    return { document, config: hasInput ? data : withDefaultInput(data), hasInput };
  }
  throw new ConfigError(mistakesOf(result.error.issues, document));
}

function withOnce(config: BroadcastConfig, { once }: ConfigFlags): BroadcastConfig {
  if (once !== true) return config;
  const input = playedOnce(config.input);
  if (input !== undefined) return { ...config, input };
  throw new ConfigError([
    { where: '--once', message: `expected a media file as the input, got "${config.input.type}"` },
  ]);
}

/** `name` is the file as the user wrote it. */
export function readConfigText(path: string, name: string): string {
  const fail = (message: string, code: ErrorCode = ErrorCodes.configInvalid) =>
    new ConfigError([{ where: name, message }], code);
  let descriptor: number;
  try {
    descriptor = openSync(path, 'r');
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const problem =
      code === 'ENOENT' ? `no such configuration file: ${path}` : `cannot be opened: ${message}`;
    throw fail(problem, ErrorCodes.configNotFound);
  }
  try {
    if (fstatSync(descriptor).isDirectory()) throw fail('expected a configuration file, got a folder');
    const buffer = Buffer.alloc(MAX_CONFIG_BYTES + 1);
    const bytes = buffer.subarray(0, readSync(descriptor, buffer, 0, buffer.length, null));
    const hint = `a media file is given with --input ${name}`;
    if (bytes.length > MAX_CONFIG_BYTES)
      throw fail(`larger than a configuration file may be (1 MiB); ${hint}`);
    try {
      return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    } catch {
      throw fail(`not text in UTF-8; ${hint}`);
    }
  } finally {
    closeSync(descriptor);
  }
}

function mistakesOf(issues: readonly ConfigIssue[], document: ConfigDocument): ConfigMistake[] {
  const keysAt = (path: ConfigPath) => knownKeys(path, document.value);
  const mistakes = issues
    .slice(0, MAX_MISTAKES)
    .flatMap((issue) => {
      const path = issue.path.filter((part) => typeof part !== 'symbol');
      const keys = issue.code === 'unrecognized_keys' ? issue.keys : [];
      return describeIssue(issue, keysAt).map((message, index) => {
        const key = keys[index];
        return {
          where: key === undefined ? document.whereValue(path) : document.whereKey(path, key),
          message,
        };
      });
    })
    .sort((a, b) => a.where.localeCompare(b.where, 'en', { numeric: true }));
  if (issues.length <= MAX_MISTAKES) return mistakes;
  const more = `${issues.length - MAX_MISTAKES} more mistakes`;
  return [...mistakes, { where: document.whereValue([]), message: more }];
}
