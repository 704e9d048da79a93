import { BulkheadError, ErrorCodes } from '../../protocol/errors.js';
import { type FileError, smallFiles } from './small-files.js';

/**
 * Resolves when the disk that this folder is on answers, whatever it says: plugins are read synchronously, and a disk that
 * hangs must not hold the core up.
 *
 * @throws `storage.failed` when it does not answer within 5 s
 */
export async function answering(folder: string): Promise<void> {
  try {
    await smallFiles.answers(folder);
  } catch (error) {
    throw new BulkheadError(
      ErrorCodes.storageFailed,
      `the disk of ${folder} does not answer: ${(error as FileError).message}`,
      { where: folder, remedy: 'See what is wrong with that disk or with the network.', cause: error },
    );
  }
}
