import { BulkheadError, ErrorCodes } from '../protocol/errors.js';

const REASONS: ReadonlyMap<string, readonly [reason: string, remedy: string]> = new Map([
  [
    'EACCES',
    ['there is no permission to write there', 'Choose another folder, or give this user the right.'],
  ],
  ['EPERM', ['there is no permission to write there', 'Choose another folder, or give this user the right.']],
  ['EROFS', ['the disk can only be read', 'Choose a folder on another disk.']],
  ['ENOTDIR', ['a part of the path is a file', 'Correct "recording.folder".']],
  ['EEXIST', ['a part of the path is a file', 'Correct "recording.folder".']],
  ['ENAMETOOLONG', ['the name is too long', 'Shorten "recording.name" or the folder.']],
  ['EFBIG', ['the file is as large as its disk allows', 'Set "splitMb", or use another disk.']],
  ['ENOENT', ['the file or its folder was removed', 'Connect the disk again, then "bulkhead record start".']],
  ['ENODEV', ['the disk was removed', 'Connect it again, then "bulkhead record start".']],
  ['ESTALE', ['the network folder is gone', 'Connect it again, then "bulkhead record start".']],
  ['EIO', ['the disk reports an error', 'Check the disk, or choose a folder on another one.']],
]);

const FULL = new Set(['ENOSPC', 'EDQUOT']);

export function isDiskFull(error: unknown): boolean {
  return FULL.has(codeOf(error));
}

/** What an error of the operating system means for a recording. */
export function recordingError(error: unknown, where: string): BulkheadError {
  if (error instanceof BulkheadError) return error;
  if (isDiskFull(error)) return diskFull(where);
  const code = codeOf(error);
  const [reason, remedy] = REASONS.get(code) ?? [(error as Error).message, 'Check the folder and its disk.'];
  return new BulkheadError(ErrorCodes.recordingFailed, `cannot record to ${where}: ${reason}`, {
    where,
    remedy,
    cause: error,
  });
}

export function diskFull(where: string): BulkheadError {
  return new BulkheadError(
    ErrorCodes.recordingDiskFull,
    `the recording has ended since its disk is full; what was recorded until then can be played`,
    { where, remedy: 'Free space or set another "recording.folder"; then "bulkhead record start".' },
  );
}

/** Whether it is one of the operating system's, or of a stream that was cut off, rather than a defect. */
export function isOfSystem(error: unknown): boolean {
  const code = codeOf(error);
  return code.startsWith('ERR_STREAM') || (code !== '' && 'syscall' in (error as object));
}

function codeOf(error: unknown): string {
  const { code } = Object(error) as { readonly code?: unknown };
  return typeof code === 'string' ? code : '';
}
