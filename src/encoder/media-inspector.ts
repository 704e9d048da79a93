import { createHash } from 'node:crypto';
import type { SourceConfig } from '../config/schema.js';
import { BulkheadError, ErrorCodes } from '../protocol/errors.js';
import { urlOptions } from './arguments/url-options.js';
import { type CacheKey, type DiskCache, fileKey } from './disk-cache.js';
import type { FfmpegCapabilities } from './ffmpeg-capabilities.js';
import { describeInput, describeWhere, explainFfmpegExit } from './ffmpeg-errors.js';
import { readImageInfo } from './image-info.js';
import { parseLogLine } from './log-line.js';
import { type MediaInfo, parseMediaInfo } from './media-info.js';
import { runTool } from './run-ffmpeg.js';

export type InspectedInput = Extract<SourceConfig, { type: 'file' | 'url' }>;

/** With a number, since a cache may hold what an older version knew of a file. */
const KIND = 'media-3';
const FILE_DEADLINE_MS = 5000;
const URL_DEADLINE_MS = 12_000;

/**
 * Inspects a file or an address by having ffmpeg open it once. The result is cached: for a file until it changes, for
 * an address until a run has seen something else ({@link MediaInspector.learn}). So only the first start takes the
 * time, and no restart.
 */
export class MediaInspector {
  constructor(private readonly cache: DiskCache) {}

  /** @throws BulkheadError `input.*` if it cannot be opened */
  async inspect(
    input: InspectedInput,
    ffmpegPath: string,
    capabilities: FfmpegCapabilities | undefined,
    signal: AbortSignal,
  ): Promise<MediaInfo> {
    const key = keyOf(input);
    const known = this.cache.read(KIND, key);
    if (isMediaInfo(known)) return known;
    const where =
      input.type === 'file'
        ? [...imageFormat(input.path), '-i', `file:${input.path}`]
        : ['-threads', '1', ...urlOptions(input.url, capabilities), '-i', input.url];
    const {
      stderr,
      code,
      signal: killedBy,
      timedOut,
    } = await runTool(ffmpegPath, ['-hide_banner', '-nostdin', '-loglevel', 'level+info', ...where], {
      deadlineMs: input.type === 'file' ? FILE_DEADLINE_MS : URL_DEADLINE_MS,
      signal,
    });
    const log = stderr.split(/\r?\n/).map(parseLogLine);
    const info = parseMediaInfo(log.map(({ text }) => text));
    if (info === undefined) {
      if (timedOut) {
        throw new BulkheadError(ErrorCodes.inputUnreachable, `${describeInput(input)} delivers nothing.`, {
          where: describeWhere(input),
          remedy: 'Check that the source is on and sends.',
        });
      }
      throw explainFfmpegExit({ code, signal: killedBy, log }, input, ffmpegPath);
    }
    if (info.hasVideo || info.hasAudio) this.cache.write(KIND, key, info);
    return info;
  }
}

/** Named by its format, the name of an image is no pattern of a sequence. */
function imageFormat(path: string): string[] {
  if (!path.includes('%')) return [];
  try {
    const { demuxer } = readImageInfo(path);
    return demuxer === undefined ? [] : ['-f', demuxer];
  } catch {
    // ffmpeg says why.
    return [];
  }
}

function keyOf(input: InspectedInput): CacheKey {
  if (input.type === 'file') return fileKey(input.path);
  // Hashed, since an address may contain a password.
  return [createHash('sha256').update(input.url).digest('hex')];
}

function isMediaInfo(value: unknown): value is MediaInfo {
  const candidate = value as Partial<MediaInfo> | null | undefined;
  return typeof candidate?.hasVideo === 'boolean' && typeof candidate.hasAudio === 'boolean';
}
