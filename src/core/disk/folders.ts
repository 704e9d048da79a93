import { rm } from 'node:fs/promises';
import { BulkheadError, ErrorCodes } from '../../protocol/errors.js';
import { type FileError, smallFiles } from './small-files.js';

/** How often a removal that fails is tried again; the n-th time after n times as many ms: 20 s in all. */
const RETRIES = { maxRetries: 20, retryDelay: 100 };

/**
 * Resolves when the disk that this folder is on answers, whatever it says: plugins are read synchronously, and a disk that
 * hangs must not hold the core up.
 *
 * @throws `storage.failed` when it does not respond within 5 s
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
 * Removes a folder for temporary files; where it cannot be read now, for want of descriptors for example, a moment later. Never
 * rejects: a folder that stays is no reason to end anything.
 */
export async function removeFolder(path: string): Promise<void> {
  await rm(path, { recursive: true, force: true, ...RETRIES }).catch(() => {});
}
