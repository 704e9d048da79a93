import { accessSync, constants, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { type ErrorCode, ErrorCodes } from '../protocol/errors.js';
import { ConfigError, type ConfigMistake } from './config-error.js';
import type { ConfigPath } from './config-path.js';
import { isFontFile } from './font-file.js';
import type {
  BroadcastConfig,
  InputConfig,
  NamedSource,
  OutputConfig,
  OverlayConfig,
  SourceConfig,
} from './schema.js';

/** Resolves the configuration's relative paths, including those of `file:PATH`, against `folder`. */
export function withAbsolutePaths(config: BroadcastConfig, folder: string): BroadcastConfig {
  const { input } = config;
  const secret = (text: string) =>
    text.startsWith('file:') ? `file:${resolve(folder, text.slice('file:'.length))}` : text;
  return {
    ...config,
    input: withAbsoluteInput(input, folder, secret),
    sources: config.sources.map((source) => withAbsolutePath(source, folder)),
    overlays: config.overlays.map((overlay) => withAbsoluteElements(overlay, folder)),
    ingests: config.ingests.map((ingest) => ({ ...ingest, key: ingest.key && secret(ingest.key) })),
    outputs: config.outputs.map((output) => withAbsoluteOutput(output, folder, secret)),
    recording: {
      ...config.recording,
      ...(config.recording.folder === undefined ? {} : { folder: resolve(folder, config.recording.folder) }),
    },
    ...(config.replay?.folder === undefined
      ? {}
      : { replay: { ...config.replay, folder: resolve(folder, config.replay.folder) } }),
    plugins: config.plugins.map((path) => resolve(folder, path)),
    ...(config.delayFolder === undefined ? {} : { delayFolder: resolve(folder, config.delayFolder) }),
    ...(config.ffmpeg === undefined ? {} : { ffmpeg: resolve(folder, config.ffmpeg) }),
  };
}

function withAbsoluteOutput(
  output: OutputConfig,
  base: string,
  secret: (text: string) => string,
): OutputConfig {
  const { key, backupKey, password, passphrase, folder, tlsCaFile } = output;
  const absolute = {
    ...(key === undefined ? {} : { key: secret(key) }),
    ...(backupKey === undefined ? {} : { backupKey: secret(backupKey) }),
    ...(password === undefined ? {} : { password: secret(password) }),
    ...(passphrase === undefined ? {} : { passphrase: secret(passphrase) }),
    ...(folder === undefined ? {} : { folder: resolve(base, folder) }),
    ...(tlsCaFile === undefined ? {} : { tlsCaFile: resolve(base, tlsCaFile) }),
  };
  return { ...output, ...absolute } as OutputConfig;
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

/** A source whose files are named from `folder`. What is no path stays, to be found wrong where it is checked. */
export function withAbsolutePath<T extends object>(source: T, folder: string): T {
  const { path, items, filters, font, browser } = source as Readonly<Record<string, unknown>>;
  const { lut } = Object(filters);
  const absolute = (file: unknown) => (typeof file === 'string' ? resolve(folder, file) : file);
  return {
    ...source,
    ...(path === undefined ? {} : { path: absolute(path) }),
    ...(browser === undefined ? {} : { browser: absolute(browser) }),
    ...(Array.isArray(items) ? { items: items.map(absolute) } : {}),
    ...(lut === undefined ? {} : { filters: { ...Object(filters), lut: absolute(lut) } }),
    ...(typeof font === 'string' && isFontFile(font) ? { font: absolute(font) } : {}),
  };
}

/** An overlay whose files are named from `folder`. */
export function withAbsoluteElements<T extends object>(overlay: T, folder: string): T {
  const { elements } = overlay as Readonly<Record<string, unknown>>;
  if (!Array.isArray(elements)) return overlay;
  return { ...overlay, elements: elements.map((element) => withAbsolutePath(Object(element), folder)) };
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
  for (const [index, overlay] of config.overlays.entries())
    for (const [path, file] of filesOf(overlay))
      check(['overlays', index, ...path], file, 'file', ErrorCodes.inputNotFound);
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
  const lut = 'filters' in source ? source.filters?.lut : undefined;
  const table = lut === undefined ? [] : [[['filters', 'lut'], lut] as const];
  if (source.type === 'text') return fontOf(source);
  if (source.type === 'browser' && source.browser !== undefined)
    return [[['browser'], source.browser], ...table];
  if ('path' in source) return [[['path'], source.path], ...table];
  const items = 'items' in source ? source.items : [];
  return [...items.map((item, index) => [['items', index], item] as const), ...table];
}

/** An overlay's files, likewise. */
export function filesOf({ elements }: OverlayConfig): readonly (readonly [ConfigPath, string])[] {
  return elements.flatMap((element, index) => {
    const files = 'path' in element ? [[['path'], element.path] as const] : [];
    const fonts = 'font' in element ? fontOf(element) : [];
    return [...files, ...fonts].map(([path, file]) => [['elements', index, ...path], file] as const);
  });
}

function fontOf({
  font,
}: {
  readonly font?: string | undefined;
}): readonly (readonly [ConfigPath, string])[] {
  return font !== undefined && isFontFile(font) ? [[['font'], font]] : [];
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
