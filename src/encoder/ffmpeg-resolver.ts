import { accessSync, constants, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, isAbsolute, join } from 'node:path';
import { BulkheadError, ErrorCodes } from '../protocol/errors.js';

/** Where ffmpeg may be found, in the order of the search. */
export type FfmpegOrigin =
  | 'configuration'
  | 'FFMPEG_BIN'
  | 'ffmpeg-static'
  | 'PATH'
  | '@ffmpeg-installer/ffmpeg';

export interface FfmpegCandidate {
  readonly origin: FfmpegOrigin;
  readonly path: string | undefined;
  /** Why it is not used; undefined for the chosen one and for usable ones after it. */
  readonly passedOver: string | undefined;
}

export interface FfmpegResolution {
  readonly chosen: { readonly origin: FfmpegOrigin; readonly path: string } | undefined;
  /** Every location, in order. */
  readonly candidates: readonly FfmpegCandidate[];
}

export interface ResolverOptions {
  readonly environment?: NodeJS.ProcessEnv;
  readonly platform?: NodeJS.Platform;
  /** Loads an npm package; throws if it is not installed. */
  readonly load?: (packageName: string) => unknown;
}

interface Place {
  readonly origin: FfmpegOrigin;
  /** A path, or why there is none. */
  readonly find: () => { readonly path: string } | { readonly missing: string };
}

/** Checks every location, for `doctor`. Runs nothing. */
export function resolveFfmpeg(explicit?: string, options: ResolverOptions = {}): FfmpegResolution {
  const candidates = places(explicit, options).map(look);
  // An invalid path given by the user is an error to report; the search must not continue.
  const named = candidates.find(isNamedByUser);
  const chosen = named ?? candidates.find(({ passedOver }) => passedOver === undefined);
  return {
    chosen:
      chosen?.path === undefined || chosen.passedOver !== undefined
        ? undefined
        : { origin: chosen.origin, path: chosen.path },
    candidates,
  };
}

/**
 * The ffmpeg to use; stops at the first usable one.
 * @throws BulkheadError `ffmpeg.notFound`
 */
export function findFfmpeg(explicit?: string, options: ResolverOptions = {}): string {
  for (const place of places(explicit, options)) {
    const candidate = look(place);
    const { path, passedOver } = candidate;
    if (path !== undefined && passedOver === undefined) return path;
    if (isNamedByUser(candidate)) {
      const isConfigured = candidate.origin === 'configuration';
      throw new BulkheadError(
        ErrorCodes.ffmpegNotFound,
        `${isConfigured ? 'The configured ffmpeg' : 'The ffmpeg that FFMPEG_BIN names'} cannot be used: ${passedOver}.`,
        {
          where: path,
          remedy: isConfigured
            ? 'Fix "ffmpeg" in the configuration, or remove it to use the first ffmpeg found.'
            : 'Fix the environment variable FFMPEG_BIN, or unset it to use the first ffmpeg found.',
        },
      );
    }
  }
  throw new BulkheadError(ErrorCodes.ffmpegNotFound, 'There is no ffmpeg on this computer.', {
    where: 'ffmpeg',
    remedy: 'Install ffmpeg so that it is on the PATH, or name one as "ffmpeg" in the configuration.',
  });
}

/** Whether the user has given this path. */
export function isNamedByUser({ origin, path }: FfmpegCandidate): boolean {
  return (origin === 'configuration' || origin === 'FFMPEG_BIN') && path !== undefined;
}

function look({ origin, find }: Place): FfmpegCandidate {
  const found = find();
  if ('missing' in found) return { origin, path: undefined, passedOver: found.missing };
  return { origin, path: found.path, passedOver: whyNotRunnable(found.path) };
}

function places(explicit: string | undefined, options: ResolverOptions): Place[] {
  const {
    environment = process.env,
    platform = process.platform,
    load = createRequire(import.meta.url),
  } = options;
  const given = (value: string | undefined) =>
    value === undefined || value === '' ? { missing: 'not set' } : { path: value };
  return [
    { origin: 'configuration', find: () => given(explicit) },
    { origin: 'FFMPEG_BIN', find: () => given(environment['FFMPEG_BIN']) },
    { origin: 'ffmpeg-static', find: () => packaged(load, 'ffmpeg-static', (exported) => exported) },
    { origin: 'PATH', find: () => onPath(environment, platform) },
    {
      origin: '@ffmpeg-installer/ffmpeg',
      find: () =>
        packaged(
          load,
          '@ffmpeg-installer/ffmpeg',
          (exported) => (exported as { path?: unknown } | null)?.path,
        ),
    },
  ];
}

function packaged(
  load: (name: string) => unknown,
  name: string,
  pathOf: (exported: unknown) => unknown,
): { path: string } | { missing: string } {
  try {
    const path = pathOf(load(name));
    // ffmpeg-static exports null if it has no binary for the platform.
    return typeof path === 'string' ? { path } : { missing: 'has none for this platform' };
  } catch {
    return { missing: 'not installed' };
  }
}

function onPath(
  environment: NodeJS.ProcessEnv,
  platform: NodeJS.Platform,
): { path: string } | { missing: string } {
  const name = platform === 'win32' ? 'ffmpeg.exe' : 'ffmpeg';
  const path = (environment['PATH'] ?? environment['Path'] ?? '')
    .split(delimiter)
    .filter(isAbsolute)
    .map((folder) => join(folder, name))
    .find((file) => whyNotRunnable(file) === undefined);
  return path === undefined ? { missing: `no "${name}" on the PATH` } : { path };
}

function whyNotRunnable(path: string): string | undefined {
  try {
    if (!statSync(path).isFile()) return `${path} is not a file`;
    accessSync(path, constants.X_OK);
    return undefined;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EACCES'
      ? `${path} may not be run`
      : `${path} does not exist`;
  }
}
