import { readFileSync } from 'node:fs';
import { mkdir, open, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import * as z from 'zod';
import { BulkheadError, ErrorCodes } from '../../protocol/errors.js';
import type { KeptData } from '../../protocol/plugin-management.js';
import { PERMISSIONS, type Permission, STORAGE_MB } from '../manifest.js';

/** The permissions that this version of Bulkhead knows; others are those of a newer one. */
const isPermission = (name: string): name is Permission => Object.hasOwn(PERMISSIONS, name);

const Entry = z.object({
  id: z.string().min(1),
  version: z.string(),
  /** Its folder's name in the library. */
  folder: z.string().regex(/^[^/\\]+$/),
  enabled: z.boolean(),
  granted: z.array(z.string()).transform((names) => names.filter(isPermission)),
  /** What the streamer lets it keep in its folder, MB. */
  storageMb: z.int().min(1).default(STORAGE_MB),
  /** What it was installed from: a folder, an archive, or a name for npm. */
  spec: z.string(),
  installedAt: z.iso.datetime(),
});

/** Of how many removed plugins it is kept in mind where they came from. */
const MAX_KEPT = 1000;

const RegistrySchema = z.object({
  registry: z.literal(1),
  plugins: z.array(Entry),
  /** Removed plugins of which something is stored. */
  kept: z.array(z.object({ id: z.string().min(1), spec: z.string() })).default([]),
});

/** What the library knows of one installed plugin. */
export type LibraryEntry = Readonly<z.output<typeof Entry>>;

/** What the library's file holds. */
export interface Registry {
  readonly plugins: readonly LibraryEntry[];
  readonly kept: readonly KeptData[];
}

/**
 * The installed plugins, as the library's file says; none when there is no file.
 *
 * @throws `library.damaged` when it is not what {@link writeRegistry} has written.
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

/** Replaces the file as a whole: a crash at any moment, of the machine too, leaves the old one or the new one. */
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

/** Makes a rename last. Windows has nothing of the kind. */
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
