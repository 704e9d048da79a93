import { hostname } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { checkValue } from '../base/check-value.js';
import * as z from '../base/zod.js';
import { RECORDING_FORMATS, type RecordingFormat } from '../config/recording-schema.js';
import type { Disk } from './disk.js';

/** Lies beside a file while it is recorded: what is found later was not ended. */
const SUFFIX = '.recording';

const JournalSchema = z.object({
  id: z.string().max(200),
  format: z.enum(RECORDING_FORMATS),
  /** Whose it is: a folder may lie on the network. */
  host: z.string().max(300),
});
export type Journal = z.output<typeof JournalSchema>;

function journalOf(path: string): string {
  return `${path}${SUFFIX}`;
}

/**
 * Notes that a file is being recorded.
 *
 * @throws the operating system's error: `EEXIST` where the file already has a journal
 */
export async function writeJournal(
  disk: Disk,
  path: string,
  { id, format }: { readonly id: string; readonly format: RecordingFormat },
): Promise<void> {
  const file = await disk.open(journalOf(path), 'wx');
  try {
    const journal: Journal = { id, format, host: hostname() };
    await file.write([Buffer.from(`${JSON.stringify(journal)}\n`)], 0);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Undefined if there is none, or none that was written as a whole. */
export async function readJournal(disk: Disk, path: string): Promise<Journal | undefined> {
  try {
    const checked = checkValue(JournalSchema, JSON.parse(await disk.read(journalOf(path))));
    return checked.success ? checked.data : undefined;
  } catch {
    return undefined;
  }
}

export function removeJournal(disk: Disk, path: string): Promise<void> {
  return disk.remove(journalOf(path));
}

/** Paths of the files in a folder that have a journal. */
export async function filesWithJournal(disk: Disk, folder: string): Promise<string[]> {
  const names = await disk.list(folder);
  return names
    .filter((name) => name.endsWith(SUFFIX) && name !== SUFFIX)
    .map((name) => join(folder, basename(name, SUFFIX)))
    .sort();
}

/** Whether this machine's processes can be asked whether they have it. */
export function isOwnHost(journal: Journal | undefined): boolean {
  return journal === undefined || journal.host === hostname();
}

export async function syncFolderOf(disk: Disk, path: string): Promise<void> {
  await disk.syncFolder(dirname(path)).catch(() => {});
}
