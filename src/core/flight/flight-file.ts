import { createReadStream } from 'node:fs';
import { mkdir, open, readdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import envPaths from 'env-paths';
import { checkValue } from '../../base/check-value.js';
import * as z from '../../base/zod.js';
import type { StreamTag } from '../../media/stream-tag.js';
import { commandParts, TagStreamReader, tagParts } from '../../media/tag-stream.js';
import { BulkheadError, ErrorCodes } from '../../protocol/errors.js';
import type { HeldEntry } from './flight-entries.js';

/** Entries that are encoded in one turn of the event loop. */
const ENTRIES_A_TURN = 500;
export const FLIGHT_EXTENSION = '.flight';
export const FLIGHT_PREFIX = 'flight-';

const HeaderSchema = z.object({
  bulkhead: z.literal('flight'),
  version: z.literal(1),
  /** Why it was written. */
  reason: z.string(),
  /** ISO 8601. */
  writtenAt: z.string(),
  /** Of the moment that it was written for, by `performance.now()` of that core. */
  atMs: z.number(),
  core: z.object({ version: z.string(), pid: z.number(), platform: z.string(), node: z.string() }),
});
export type FlightHeader = z.output<typeof HeaderSchema>;

const EntrySchema = z.looseObject({ atMs: z.number(), kind: z.string() });

export interface ReadEntry {
  readonly atMs: number;
  readonly kind: string;
  readonly [detail: string]: unknown;
  /** Of a packet, where its media was kept. Timestamps are those of its encoder. */
  readonly tag?: StreamTag;
}

export interface Flight {
  readonly header: FlightHeader;
  readonly entries: readonly ReadEntry[];
  /** Whether its end is missing: the disk was full, or the computer went off. */
  readonly isCut: boolean;
}

/** Where flight records are: beside the log. */
export function flightFolder(): string {
  return join(envPaths('bulkhead', { suffix: '' }).log, 'flights');
}

/** Path of the latest flight record; undefined if there is none. */
export async function latestFlight(folder = flightFolder()): Promise<string | undefined> {
  const names = await readdir(folder).catch(() => []);
  const isFlight = (name: string) => name.startsWith(FLIGHT_PREFIX) && name.endsWith(FLIGHT_EXTENSION);
  const last = names.filter(isFlight).sort().at(-1);
  return last === undefined ? undefined : join(folder, last);
}

/**
 * Writes a flight record, readable by its owner only. Packets are not copied, and the event loop is not held up.
 *
 * @throws the operating system's error
 */
export async function writeFlight(
  folder: string,
  name: string,
  header: FlightHeader,
  held: readonly HeldEntry[],
): Promise<string> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const path = join(folder, name);
  // So that one with this name is whole.
  const draft = `${path}.part`;
  const file = await open(draft, 'wx', 0o600);
  try {
    await file.writev([...commandParts(header)]);
    for (let from = 0; from < held.length; from += ENTRIES_A_TURN) {
      const parts = held
        .slice(from, from + ENTRIES_A_TURN)
        .flatMap(({ entry, tag }) => [...commandParts(entry), ...(tag === undefined ? [] : tagParts(tag))]);
      await writeAll(file, parts);
      await turn();
    }
  } finally {
    await file.close();
  }
  await rename(draft, path);
  return path;
}

/** `writev` may write a part only, on a disk that is nearly full. */
async function writeAll(
  file: { writev(buffers: Buffer[]): Promise<{ bytesWritten: number }> },
  parts: readonly Buffer[],
): Promise<void> {
  const total = parts.reduce((sum, { length }) => sum + length, 0);
  const { bytesWritten } = await file.writev([...parts]);
  if (bytesWritten < total) throw Object.assign(new Error('the disk is full'), { code: 'ENOSPC' });
}

/** @throws BulkheadError `config.invalid` if it is no flight record, or cannot be read */
export async function readFlight(path: string): Promise<Flight> {
  const reader = new TagStreamReader();
  const entries: ReadEntry[] = [];
  let header: FlightHeader | undefined;
  let isCut = false;
  try {
    for await (const chunk of createReadStream(path)) {
      for (const item of reader.push(chunk as Buffer)) {
        if ('tag' in item) {
          const last = entries.at(-1);
          if (last !== undefined) entries[entries.length - 1] = { ...last, tag: item.tag };
          continue;
        }
        if (header === undefined) header = headerOf(item.command, path);
        else {
          const checked = checkValue(EntrySchema, item.command);
          if (checked.success) entries.push(checked.data as ReadEntry);
        }
      }
    }
    isCut = reader.rest > 0;
  } catch (error) {
    if (error instanceof BulkheadError) throw error;
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') throw noFlight(`no such file: ${path}`, path);
    if (header === undefined || code !== undefined)
      throw noFlight(`${path} cannot be read: ${message}`, path);
    isCut = true;
  }
  if (header === undefined) throw noFlight(`${path} is no flight record`, path);
  return { header, entries, isCut };
}

function headerOf(value: unknown, path: string): FlightHeader {
  const checked = checkValue(HeaderSchema, value);
  if (checked.success) return checked.data;
  throw noFlight(`${path} is no flight record of this version`, path);
}

function noFlight(message: string, where: string): BulkheadError {
  return new BulkheadError(ErrorCodes.configInvalid, message, {
    where,
    remedy: `Flight records end with ${FLIGHT_EXTENSION}; they are in ${flightFolder()}.`,
  });
}
