import { extname, resolve } from 'node:path';
import { checkValue } from '../base/check-value.js';
import { ErrorCodes } from '../protocol/errors.js';
import { ConfigError } from './config-error.js';
import { type ConfigIssue, describeExpectation } from './describe-issue.js';
import { InputSchema } from './input-schema.js';
import { OutputSchema } from './output-schema.js';
import { findPathProblem } from './paths.js';
import { outputOfAddress } from './relay-url.js';
import type { InputConfig, OutputConfig } from './schema.js';
import { PLAYLIST_EXTENSIONS } from './sources.js';

const IMAGE_EXTENSIONS = new Set(['.png', '.jpg', '.jpeg', '.webp', '.bmp']);
/** At least two characters, so that `C:\file.mp4` is not a URL. */
const URL_SCHEME = /^[a-z][a-z0-9+.-]+:\/\//i;

/**
 * Parses `--input`: `test-pattern`, `colour`, `source:ID`, `ingest[:ID]`, `screen[:DISPLAY]`, `camera[:DEVICE]`, `microphone[:DEVICE]`,
 * `desktop-audio[:DEVICE]`, a URL, or the path of a media or image file (relative to `folder`).
 * @throws ConfigError
 */
export function parseInputArgument(argument: string, folder: string): InputConfig {
  const result = checkValue(InputSchema, inputOf(argument, folder), { reportInput: true });
  if (!result.success) throw argumentError('--input', result.error.issues);
  const input = result.data;
  const problem = 'path' in input ? findPathProblem(input.path, 'file') : undefined;
  if (problem === undefined) return input;
  // A plain word is more likely a mistyped kind of input than a file.
  const hint = /^[\w-]+$/.test(argument)
    ? '; expected test-pattern, colour, ingest, screen, camera, microphone, desktop-audio, a URL or a file'
    : '';
  throw new ConfigError([{ where: '--input', message: problem + hint }], ErrorCodes.inputNotFound);
}

/**
 * Parses `--plugins`: folders, relative to `folder`.
 * @throws ConfigError
 */
export function parsePluginArguments(paths: readonly string[], folder: string): string[] {
  return paths.map((path) => {
    const absolute = resolve(folder, path);
    const problem = findPathProblem(absolute, 'folder');
    if (problem === undefined) return absolute;
    throw new ConfigError([{ where: '--plugins', message: problem }], ErrorCodes.pluginInvalid);
  });
}

function inputOf(argument: string, folder: string): unknown {
  if (argument === 'test-pattern' || argument === 'colour') return { type: argument };
  const [, source] = /^source:(.+)$/s.exec(argument) ?? [];
  if (source !== undefined) return { type: 'source', source };
  const [ingest, id] = /^ingest(?::(.+))?$/s.exec(argument) ?? [];
  if (ingest !== undefined) return { type: 'ingest', ingest: id };
  const [, kind, device] = /^(screen|camera|microphone|desktop-audio)(?::(.+))?$/s.exec(argument) ?? [];
  if (kind === 'screen') return { type: 'screen', ...(device === undefined ? {} : { display: device }) };
  if (kind !== undefined) return { type: kind, ...(device === undefined ? {} : { device }) };
  if (URL_SCHEME.test(argument)) return { type: 'url', url: argument };
  const extension = extname(argument).toLowerCase();
  if (PLAYLIST_EXTENSIONS.has(extension)) return { type: 'playlist', items: [resolve(folder, argument)] };
  const type = IMAGE_EXTENSIONS.has(extension) ? 'image' : 'file';
  return { type, path: argument === '' ? '' : resolve(folder, argument) };
}

/**
 * Parses `--output`: addresses with their keys, or `hls:FOLDER`. The ids are the hosts' names, or `output-N` if two have the same.
 * @throws ConfigError
 */
export function parseOutputArguments(urls: readonly string[], folder = process.cwd()): OutputConfig[] {
  const names = urls.map(
    (url) => /^[a-z+]+:\/\/(?:[^/@]*@)?([^/:]+)/i.exec(url)?.[1]?.replaceAll('.', '-') ?? '',
  );
  return urls.map((url, index) => {
    const name = names[index] ?? '';
    const named =
      /^[A-Za-z0-9][A-Za-z0-9-]{0,63}$/.test(name) && names.indexOf(name) === names.lastIndexOf(name);
    const id = named ? name : `output-${index + 1}`;
    const address = outputOfAddress(url);
    const resolved = address.folder ? { ...address, folder: resolve(folder, address.folder) } : address;
    const result = checkValue(OutputSchema, { id, ...resolved }, { reportInput: true });
    if (result.success) return result.data;
    throw argumentError('--output', result.error.issues);
  });
}

function argumentError(where: string, issues: readonly ConfigIssue[]): ConfigError {
  return new ConfigError(issues.slice(0, 1).map((issue) => ({ where, message: describeExpectation(issue) })));
}
