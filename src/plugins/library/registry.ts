import { readFileSync } from 'node:fs';
import { mkdir, open, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import * as z from '../../base/zod.js';
import { BulkheadError, ErrorCodes } from '../../protocol/errors.js';
import { isPermission } from '../../protocol/permissions/permissions.js';
import type { KeptData } from '../../protocol/plugin-management.js';
import { STORAGE_MB } from '../manifest.js';

const Provenance = z.object({
  repository: z.string(),
  commit: z.string(),
  builder: z.string(),
  workflow: z.string().optional(),
  verified: z.boolean(),
  reason: z.string().optional(),
});

const Origin = z.object({
  package: z.string(),
  registry: z.string(),
  integrity: z.string(),
  publisher: z.string().optional(),
  maintainers: z.array(z.string()).readonly(),
  provenance: Provenance.optional(),
});

const Version = z.object({
  version: z.string(),
  /** Its folder's name in the library. */
  folder: z.string().regex(/^[^/\\]+$/),
  /** Those that this version of Bulkhead knows; others are from a newer one. */
  granted: z.array(z.string()).transform((names) => names.filter(isPermission)),
  /** How much the streamer allows it to keep in its folder, MB. */
  storageMb: z.int().min(1).default(STORAGE_MB),
  /** What it was installed from: a folder, an archive, or an npm package. */
  spec: z.string(),
  installedAt: z.iso.datetime(),
  /** Where the package of npm came from, as it was accepted. */
  origin: Origin.optional(),
});

const Entry = Version.extend({
  id: z.string().min(1),
  enabled: z.boolean(),
  /** The version before, for a rollback; still on the disk. */
  previous: Version.optional(),
  /** The newer version that a rollback has left. */
  leftVersion: z.string().optional(),
});

/** Maximum number of removed plugins whose source is remembered. */
const MAX_KEPT = 1000;

const RegistrySchema = z.object({
  registry: z.literal(1),
  plugins: z.array(Entry),
  /** Removed plugins with stored data. */
  kept: z.array(z.object({ id: z.string().min(1), spec: z.string(), origin: Origin.optional() })).default([]),
});

/** The library's record of one installed plugin. */
export type LibraryEntry = Readonly<z.output<typeof Entry>>;

/** Its record of one version of a plugin. */
export type LibraryVersion = Readonly<z.output<typeof Version>>;

/** What an entry says about its current version. */
export function versionOf({ id, enabled, previous, leftVersion, ...version }: LibraryEntry): LibraryVersion {
  return version;
}

/** Content of the library's file. */
export interface Registry {
  readonly plugins: readonly LibraryEntry[];
  readonly kept: readonly KeptData[];
}

/**
 * Reads the installed plugins from the library's file; none if there is no file.
 *
 * @throws `library.damaged` if it was not written by {@link writeRegistry}.
 */
export function readRegistry(file: string): Registry {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { plugins: [], kept: [] };
    throw damaged(file, `cannot be read: ${(error as Error).message}`, error);
  }
  try {
    return RegistrySchema.parse(JSON.parse(text));
  } catch (error) {
    throw damaged(file, 'is not a list of installed plugins', error);
  }
}

/** Replaces the file atomically: after a crash, even of the machine, it has either the old or the new content. */
export async function writeRegistry(file: string, { plugins, kept }: Registry): Promise<void> {
  const temporary = `${file}.${process.pid}`;
  try {
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    const text = `${JSON.stringify({ registry: 1, plugins, kept: kept.slice(-MAX_KEPT) }, null, 2)}\n`;
    await writeFile(temporary, text, { mode: 0o600, flush: true });
    await rename(temporary, file);
    await syncFolder(dirname(file));
  } catch (error) {
    await rm(temporary, { force: true });
    throw new BulkheadError(
      ErrorCodes.storageFailed,
      `the library of plugins cannot be written: ${(error as Error).message}`,
      { where: file, cause: error },
    );
  }
}

/** Makes a rename durable. Not available on Windows. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function damaged(file: string, problem: string, cause: unknown): BulkheadError {
  return new BulkheadError(ErrorCodes.libraryDamaged, `${file} ${problem}`, {
    where: file,
    remedy:
      'Nothing in the library was changed: fix the file, or move it away and install the plugins again.',
    cause,
  });
}
