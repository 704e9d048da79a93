import { accessSync, constants, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { type ErrorCode, ErrorCodes } from '../protocol/errors.js';
import { ConfigError, type ConfigMistake } from './config-error.js';
import type { ConfigPath } from './config-path.js';
import type { BroadcastConfig, InputConfig, NamedSource, SourceConfig } from './schema.js';

/** Resolves the configuration's relative paths, including those of `file:PATH`, against `folder`. */
export function withAbsolutePaths(config: BroadcastConfig, folder: string): BroadcastConfig {
  const { input } = config;
  const secret = (text: string) =>
    text.startsWith('file:') ? `file:${resolve(folder, text.slice('file:'.length))}` : text;
  return {
    ...config,
    input: withAbsoluteInput(input, folder, secret),
    sources: config.sources.map((source) => withAbsolutePath(source, folder)),
    ingests: config.ingests.map((ingest) => ({ ...ingest, key: ingest.key && secret(ingest.key) })),
    outputs: config.outputs.map((output) => ({
      ...output,
      ...(output.key === undefined ? {} : { key: secret(output.key) }),
      ...(output.password === undefined ? {} : { password: secret(output.password) }),
      ...(output.tlsCaFile === undefined ? {} : { tlsCaFile: resolve(folder, output.tlsCaFile) }),
    })),
    plugins: config.plugins.map((path) => resolve(folder, path)),
    ...(config.ffmpeg === undefined ? {} : { ffmpeg: resolve(folder, config.ffmpeg) }),
  };
}

function withAbsoluteInput(
  input: InputConfig,
  folder: string,
  secret: (text: string) => string,
): InputConfig {
  if (input.type === 'source') return input;
  if (input.type !== 'ingest') return withAbsolutePath(input, folder);
  const { key, fallback } = input;
  return { ...input, key: key && secret(key), fallback: withAbsolutePath(fallback, folder) };
}

function withAbsolutePath<T extends SourceConfig | NamedSource>(source: T, folder: string): T {
  if ('path' in source) return { ...source, path: resolve(folder, source.path) };
  return 'items' in source ? { ...source, items: source.items.map((item) => resolve(folder, item)) } : source;
}

/**
 * Checks, before anything is started, which files and folders of the configuration are missing.
 * @throws ConfigError with all of them; its code is the first one's.
 */
export function checkPaths(config: BroadcastConfig, where: (path: ConfigPath) => string): void {
  const mistakes: ConfigMistake[] = [];
  let firstCode: ErrorCode | undefined;
  const check = (at: ConfigPath, path: string | undefined, expected: 'file' | 'folder', code: ErrorCode) => {
    const problem = path === undefined ? undefined : findPathProblem(path, expected);
    if (problem === undefined) return;
    mistakes.push({ where: where(at), message: problem });
    firstCode ??= code;
  };
  const { input, sources } = config;
  const checkSource = (at: ConfigPath, source: SourceConfig | NamedSource) => {
    for (const [path, file] of pathsOf(source))
      check([...at, ...path], file, 'file', ErrorCodes.inputNotFound);
  };
  if (input.type === 'ingest') checkSource(['input', 'fallback'], input.fallback);
  else if (input.type !== 'source') checkSource(['input'], input);
  for (const [index, source] of sources.entries()) checkSource(['sources', index], source);
  for (const [index, { tlsCaFile }] of config.outputs.entries()) {
    check(['outputs', index, 'tlsCaFile'], tlsCaFile, 'file', ErrorCodes.configInvalid);
  }
  for (const [index, folder] of config.plugins.entries()) {
    check(['plugins', index], folder, 'folder', ErrorCodes.pluginInvalid);
  }
  check(['ffmpeg'], config.ffmpeg, 'file', ErrorCodes.ffmpegNotFound);
  if (mistakes.length > 0) throw new ConfigError(mistakes, firstCode);
}

/** A source's files, each by its place in the source. */
function pathsOf(source: SourceConfig | NamedSource): readonly (readonly [ConfigPath, string])[] {
  if ('path' in source) return [[['path'], source.path]];
  return 'items' in source ? source.items.map((item, index) => [['items', index], item] as const) : [];
}

/** Why the path cannot be read as what is expected; undefined if it can. */
export function findPathProblem(path: string, expected: 'file' | 'folder'): string | undefined {
  try {
    const isFolder = statSync(path).isDirectory();
    if (isFolder !== (expected === 'folder')) {
      return `expected a ${expected}, got a ${isFolder ? 'folder' : 'file'}: ${path}`;
    }
    accessSync(path, constants.R_OK);
    return undefined;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === 'EACCES' || code === 'EPERM'
      ? `no permission to read the ${expected} ${path}`
      : `no such ${expected}: ${path}`;
  }
}
