import { createReadStream, statSync } from 'node:fs';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { type ReadEntry, Unpack } from 'tar';
import { BulkheadError } from '../../protocol/errors.js';
import { pluginInvalid } from '../plugin-error.js';

/** How much a package may hold: far more than any plugin needs, and nothing that fills a disk. */
export interface PackageLimits {
  /** Of the archive, bytes. */
  readonly archiveBytes: number;
  /** Of all that is in it, bytes. */
  readonly unpackedBytes: number;
  readonly files: number;
}

export const PACKAGE_LIMITS: PackageLimits = {
  archiveBytes: 64 * 1024 * 1024,
  unpackedBytes: 256 * 1024 * 1024,
  files: 20_000,
};

const FILES = new Set(['File', 'OldFile', 'ContiguousFile']);
const FOLDERS = new Set(['Directory', 'GNUDumpDir']);

/**
 * Unpacks an archive as `npm pack` makes it, whose files are all in one folder, into `folder`. What it holds is judged by
 * each header before anything of that entry is written; what has been written until then is the caller's to delete.
 *
 * @param shownAs What errors call the archive.
 * @throws `plugin.invalid` for an archive that is too large, holds anything but files and folders, or has a path that leads
 * out of it.
 */
export async function unpack(
  archive: string,
  folder: string,
  shownAs: string,
  limits: PackageLimits = PACKAGE_LIMITS,
): Promise<void> {
  const refuse = (problem: string, remedy?: string) => pluginInvalid(shownAs, problem, remedy);
  const { size } = statSync(archive);
  if (size > limits.archiveBytes) {
    throw refuse(`is larger than a plugin may be: ${inMb(size)} of ${inMb(limits.archiveBytes)}`);
  }
  let bytes = 0;
  let files = 0;
  const judge = (path: string, entry: ReadEntry) => {
    bytes += entry.size;
    files += 1;
    if (
      path.startsWith('/') ||
      path.includes('\\') ||
      /^[a-z]:/i.test(path) ||
      path.split('/').includes('..')
    ) {
      throw refuse(`the path "${path}" leads out of the package`);
    }
    if (!FILES.has(entry.type) && !FOLDERS.has(entry.type)) {
      throw refuse(`"${path}" is neither a file nor a folder but ${entry.type}`, 'Pack it with "npm pack".');
    }
    if (files > limits.files) throw refuse(`holds more than ${limits.files} files`);
    if (bytes > limits.unpackedBytes) throw tooLarge(refuse, limits);
    // No right to execute, and none of the others that an archive can hold.
    entry.mode = FOLDERS.has(entry.type) ? 0o755 : 0o644;
  };
  let refusal: unknown;
  const unpacking = new Unpack({
    cwd: folder,
    strip: 1,
    strict: true,
    noMtime: true,
    filter: (path, entry) => {
      if (refusal !== undefined) return false;
      try {
        judge(path, entry as ReadEntry);
        return true;
      } catch (error) {
        refusal = error;
        return false;
      }
    },
  });
  const bounded = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      inflated += chunk.length;
      // Headers and padding come on top of what the files hold.
      if (inflated > limits.unpackedBytes + limits.files * 2048) refusal ??= tooLarge(refuse, limits);
      done(refusal as Error | undefined, chunk);
    },
  });
  let inflated = 0;
  try {
    await pipeline(
      createReadStream(archive),
      createGunzip(),
      bounded,
      unpacking as unknown as NodeJS.WritableStream,
    );
  } catch (error) {
    refusal ??= error;
  }
  if (refusal instanceof BulkheadError) throw refusal;
  if (refusal !== undefined) {
    throw refuse(`cannot be unpacked: ${(refusal as Error).message}`, 'Pack it with "npm pack".');
  }
}

function tooLarge(
  refuse: (problem: string) => BulkheadError,
  { unpackedBytes }: PackageLimits,
): BulkheadError {
  return refuse(`holds more than a plugin may: ${inMb(unpackedBytes)}`);
}

function inMb(bytes: number): string {
  return `${Math.round(bytes / 1024 / 1024)} MB`;
}
