import { rm } from 'node:fs/promises';
import { checkValue } from '../../base/check-value.js';
import { withDeadline } from '../../base/with-deadline.js';
import { showStateFile } from '../../config/show-state.js';
import { BulkheadError, ErrorCodes } from '../../protocol/errors.js';
import { replaceFile, setDamagedAside } from '../disk/own-file.js';
import { type FileError, smallFiles } from '../disk/small-files.js';
import { type KeptChanges, KeptChangesSchema } from './output-changes.js';

export const ShowState = Symbol('ShowState');

/** Keeps what is changed on air, for each show. */
export interface ShowState {
  /** What was kept. Never rejects: what cannot be read is reported, and nothing is changed then. */
  read(show: string): Promise<{ readonly changes: KeptChanges; readonly problem?: BulkheadError }>;
  /** Resolves once it is on the disk. @throws BulkheadError `storage.failed` */
  write(show: string, changes: KeptChanges): Promise<void>;
}

const WRITE_DEADLINE_MS = 5000;

/** A small file for each show, readable by its owner only: keys that were given on air are in it. */
export class ShowStateFiles implements ShowState {
  private writing: Promise<void> = Promise.resolve();

  /** @param fileOf where the file of a show is */
  constructor(private readonly fileOf: (show: string) => string) {}

  static forAddress(address: string): ShowStateFiles {
    return new ShowStateFiles((show) => showStateFile(show, address));
  }

  async read(show: string): Promise<{ readonly changes: KeptChanges; readonly problem?: BulkheadError }> {
    const path = this.fileOf(show);
    try {
      await withDeadline(this.writing, WRITE_DEADLINE_MS, () => {});
      const text = await smallFiles.read(path);
      const changes = parse(text);
      if (changes !== undefined) return { changes };
      const keptAs = await setDamagedAside(path);
      return { changes: [], problem: unread(path, `it is damaged; it was kept as ${keptAs}`) };
    } catch (error) {
      const { code, message } = error as FileError;
      return code === 'ENOENT' ? { changes: [] } : { changes: [], problem: unread(path, message) };
    }
  }

  async write(show: string, changes: KeptChanges): Promise<void> {
    const path = this.fileOf(show);
    const text = `${JSON.stringify({ show, outputs: changes }, undefined, 2)}\n`;
    const written = this.writing.then(() =>
      changes.length === 0 ? rm(path, { force: true }) : replaceFile(path, text),
    );
    this.writing = written.catch(() => {});
    try {
      await withDeadline(written, WRITE_DEADLINE_MS, () => {
        throw new Error('the disk does not respond');
      });
    } catch (error) {
      throw new BulkheadError(
        ErrorCodes.storageFailed,
        `what was changed on air cannot be kept: ${(error as Error).message}`,
        {
          where: path,
          remedy: 'It is lost when the core ends; see what is wrong with that folder.',
          cause: error,
        },
      );
    }
  }
}

function parse(text: string): KeptChanges | undefined {
  try {
    const { outputs } = JSON.parse(text) as { readonly outputs?: unknown };
    const checked = checkValue(KeptChangesSchema, outputs);
    return checked.success ? checked.data : undefined;
  } catch {
    return undefined;
  }
}

function unread(path: string, reason: string): BulkheadError {
  return new BulkheadError(
    ErrorCodes.storageFailed,
    `the file with the changes made on air could not be read: ${reason}`,
    { where: path, remedy: 'The broadcast starts as the configuration says.' },
  );
}
