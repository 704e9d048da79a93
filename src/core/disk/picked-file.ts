import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { basename } from 'node:path';
import { withDeadline } from '../../base/with-deadline.js';
import { FileError, type SmallFiles, smallFiles } from './small-files.js';

/** A pipe without a writer must not block a thread. Windows has no such flag. */
const READ = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);
const DEADLINE_MS = 5000;

/**
 * A file that the streamer has picked. It is opened once, by its path, and read by its descriptor: what later takes its name, or changes a
 * link on the way to it, is not read.
 */
export class PickedFile {
  /** Without its folder. */
  readonly name: string;

  private constructor(
    private readonly path: string,
    private readonly handle: FileHandle,
    /** Bytes, when it was opened. */
    readonly size: number,
    private readonly disk: Pick<SmallFiles, 'inTurn'>,
  ) {
    this.name = basename(path);
  }

  /** @throws FileError: `EISDIR` if it is not a regular file, `ETIMEDOUT` if its disk does not answer */
  static async open(path: string, disk: Pick<SmallFiles, 'inTurn'> = smallFiles): Promise<PickedFile> {
    const opening = disk.inTurn(path, async () => {
      const handle = await open(path, READ);
      try {
        const stats = await handle.stat();
        if (!stats.isFile()) throw new FileError('EISDIR', 'it is not a file');
        return new PickedFile(path, handle, stats.size, disk);
      } catch (error) {
        await handle.close();
        throw error;
      }
    });
    return answered(opening, (late) => void late.then((file) => file.close()).catch(() => {}));
  }

  /** Bytes from an offset on, fewer only at the end of the file. @throws FileError */
  read(offset: number, length: number): Promise<Buffer> {
    return answered(
      this.disk.inTurn(this.path, async () => {
        const { buffer, bytesRead } = await this.handle.read(Buffer.alloc(length), 0, length, offset);
        return buffer.subarray(0, bytesRead);
      }),
    );
  }

  /** Once a read that is under way has ended. */
  close(): void {
    this.handle.close().catch(() => {});
  }
}

/** @param late takes what comes after the deadline */
async function answered<T>(work: Promise<T>, late: (work: Promise<T>) => void = () => {}): Promise<T> {
  try {
    return await withDeadline(work, DEADLINE_MS, () => {
      late(work);
      throw new FileError('ETIMEDOUT', `its disk does not answer within ${DEADLINE_MS / 1000} s`);
    });
  } catch (error) {
    if (error instanceof FileError) throw error;
    const { code = 'EIO', message } = error as NodeJS.ErrnoException;
    throw new FileError(code, message, { cause: error });
  }
}
