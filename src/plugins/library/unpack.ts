import { createReadStream, type Stats } from 'node:fs';
import { stat } from 'node:fs/promises';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { Parser, type ReadEntry, Unpack } from 'tar';
import { shorten } from '../../base/printable.js';
import { BulkheadError } from '../../protocol/errors.js';
import { pluginInvalid } from '../plugin-error.js';
import { PackagePaths, pathProblem } from './package-paths.js';

/** Limits of a package: far more than any plugin needs, but not enough to fill a disk. */
export interface PackageLimits {
  /** Size of the archive, bytes. */
  readonly archiveBytes: number;
  /** Total size of its content, bytes. */
  readonly unpackedBytes: number;
  /** Size of one file, bytes. */
  readonly fileBytes: number;
  /** Number of files and folders, including folders that only occur in paths. */
  readonly files: number;
  /** Maximum compression ratio; a first MB is always allowed. */
  readonly ratio: number;
}

const MB = 1024 * 1024;

export const PACKAGE_LIMITS: PackageLimits = {
  archiveBytes: 64 * MB,
  unpackedBytes: 256 * MB,
  fileBytes: 64 * MB,
  files: 10_000,
  ratio: 200,
};

const FILES = new Set(['File', 'OldFile', 'ContiguousFile']);
const FOLDERS = new Set(['Directory', 'GNUDumpDir']);

/** Magic number of a gzip stream (RFC 1952, 2.3.1). */
const GZIP = Buffer.from([0x1f, 0x8b]);

/** Maximum length of a path in an error, characters. */
const SHOWN = 120;

type Refuse = (problem: string, remedy?: string) => BulkheadError;

/**
 * Unpacks an archive of `npm pack`, whose files are all in one folder, into `folder`. Each entry's header is checked before
 * anything is written. If writing fails, the caller must delete what has been written.
 *
 * @param shownAs The archive's name in errors.
 * @throws `plugin.invalid` for an archive that is too large, contains anything but files and folders, or has a path that
 * leads out of it, is duplicate, or is not portable.
 */
export async function unpack(
  archive: string,
  folder: string,
  shownAs: string,
  limits: PackageLimits = PACKAGE_LIMITS,
): Promise<void> {
  const refuse: Refuse = (problem, remedy) => pluginInvalid(shownAs, problem, remedy);
  const stats = await stat(archive);
  if (!stats.isFile()) throw refuse('is not a file');
  if (stats.size > limits.archiveBytes) {
    throw refuse(`is larger than a plugin may be: ${inMb(stats.size)} of ${inMb(limits.archiveBytes)}`);
  }
  /** Passes the archive through the stream made by `read`; each of its entries is checked. */
  const pass = async (read: (filter: Filter) => Unpack | Parser) => {
    const judge = judgeOf(limits, refuse);
    let refusal: unknown;
    const reader = read((path, entry) => {
      if (refusal !== undefined) return false;
      try {
        judge(path, entry as ReadEntry);
        return true;
      } catch (error) {
        refusal = error;
        return false;
      }
    });
    const bounded = boundedContent(stats.size, limits, refuse, () => refusal);
    try {
      await pipeline(
        createReadStream(archive),
        createGunzip(),
        bounded,
        reader as unknown as NodeJS.WritableStream,
      );
    } catch (error) {
      refusal ??= error;
    }
    if (refusal === undefined) return;
    if (refusal instanceof BulkheadError) throw refusal;
    const reason = shorten((refusal as Error).message, 2 * SHOWN);
    throw refuse(`cannot be unpacked: ${reason}`, 'Pack it with "npm pack".');
  };
  // First without writing anything, so that a refused archive leaves nothing on the disk.
  await pass((filter) => new Parser({ ...TAR, filter: (path, entry) => filter(path, entry) && false }));
  await pass((filter) => new Unpack({ ...TAR, cwd: folder, strip: 1, noMtime: true, filter }));
}

type Filter = (path: string, entry: Stats | ReadEntry) => boolean;

/** Only gzip, which is decompressed before, within limits. */
const TAR = { strict: true, brotli: false, zstd: false } as const;

/** Throws for the first entry that is not allowed; removes all permissions but reading and writing from the others. */
function judgeOf(limits: PackageLimits, refuse: Refuse): (path: string, entry: ReadEntry) => void {
  const paths = new PackagePaths();
  let bytes = 0;
  return (path, entry) => {
    const { type, size } = entry;
    const isFolder = FOLDERS.has(type);
    const plain = isFolder ? path.replace(/\/$/, '') : path;
    const shown = `the path "${shorten(path, SHOWN)}"`;
    const problem = pathProblem(plain);
    if (problem !== undefined) throw refuse(`${shown} ${problem}`);
    if (!isFolder && !FILES.has(type)) {
      throw refuse(
        `"${shorten(path, SHOWN)}" is neither a file nor a folder but ${type}`,
        'Pack it with "npm pack".',
      );
    }
    if (!Number.isSafeInteger(size) || size < 0) throw refuse(`${shown} has no length`);
    bytes += size;
    if (size > limits.fileBytes) {
      throw refuse(`${shown} is larger than a file may be: ${inMb(size)} of ${inMb(limits.fileBytes)}`);
    }
    if (bytes > limits.unpackedBytes) throw tooLarge(refuse, limits);
    const clash = paths.add(withoutOuterFolder(plain), isFolder);
    if (clash !== undefined) throw refuse(`${shown} ${clash}`);
    if (paths.count > limits.files) throw refuse(`holds more than ${limits.files} files and folders`);
    entry.mode = isFolder ? 0o755 : 0o644;
  };
}

/** Where it is unpacked to: if an archive has several outer folders, their files are merged into one. */
function withoutOuterFolder(path: string): string {
  return path.slice(path.indexOf('/') + 1);
}

/** Aborts when the decompressed size exceeds the limit, which the sizes in headers do not reveal. */
function boundedContent(
  archiveBytes: number,
  limits: PackageLimits,
  refuse: Refuse,
  refusal: () => unknown,
): Transform {
  let inflated = 0;
  let start = Buffer.alloc(0);
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      if (start.length < GZIP.length) start = Buffer.concat([start, chunk.subarray(0, GZIP.length)]);
      // Otherwise the unpacker would decompress it a second time.
      if (start.subarray(0, GZIP.length).equals(GZIP)) {
        done(refuse('cannot be unpacked: it is compressed twice', 'Pack it with "npm pack".'));
        return;
      }
      inflated += chunk.length;
      // Headers and padding are added to the files' sizes.
      if (inflated > limits.unpackedBytes + limits.files * 2048) done(tooLarge(refuse, limits));
      else if (inflated > MB + archiveBytes * limits.ratio) {
        done(refuse(`expands to more than ${limits.ratio} times its size`));
      } else done(refusal() as Error | undefined, chunk);
    },
  });
}

function tooLarge(refuse: Refuse, { unpackedBytes }: PackageLimits): BulkheadError {
  return refuse(`holds more than a plugin is allowed to: ${inMb(unpackedBytes)}`);
}

function inMb(bytes: number): string {
  return `${Math.round(bytes / MB)} MB`;
}
