import { rm } from 'node:fs/promises';
import { BulkheadError, ErrorCodes } from '../../protocol/errors.js';
import { type FileError, smallFiles } from './small-files.js';

/** How often a failed removal is retried; the n-th time after n times as many ms: 20 s in total. */
const RETRIES = { maxRetries: 20, retryDelay: 100 };

/**
 * Resolves when the disk of this folder responds, with success or an error: plugins are read synchronously, and a disk that
 * hangs must not block the core.
 *
 * @throws `storage.failed` if it does not respond within 5 s
 */
export async function answering(folder: string): Promise<void> {
  try {
    await smallFiles.answers(folder);
  } catch (error) {
    throw new BulkheadError(
      ErrorCodes.storageFailed,
      `the disk of ${folder} does not respond: ${(error as FileError).message}`,
      { where: folder, remedy: 'Check that disk and the network.', cause: error },
    );
  }
}

/**
 * Removes a temporary folder; retries if it cannot be read, for lack of descriptors for example. Never rejects: a leftover
 * folder is not a reason to fail.
 */
export async function removeFolder(path: string): Promise<void> {
  await rm(path, { recursive: true, force: true, ...RETRIES }).catch(() => {});
}
