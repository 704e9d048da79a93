import { openSync } from 'node:fs';
import { type FileHandle, mkdir, open, rename, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { LogTarget } from './log-writer.js';

export interface LogFileLimits {
  /** Maximum size of a file, bytes; then it is renamed to `<file>.1`, and a new one is created. */
  readonly fileBytes: number;
  /** Number of files kept: `<file>`, `<file>.1` and so on. The oldest is removed. */
  readonly files: number;
}

const LIMITS: LogFileLimits = { fileBytes: 10 * 1024 * 1024, files: 5 };

interface OpenFile {
  readonly handle: FileHandle;
  readonly inode: number;
  /** Size in bytes; undefined if it is not a regular file (`/dev/null`, a pipe), which is never rotated. */
  size: number | undefined;
}

/**
 * A log file that is opened on the first write, and rotated by size. Two cores may write to the same file: a core that finds
 * it rotated by the other one opens the new file.
 */
export class LogFile implements LogTarget {
  private file: OpenFile | undefined;

  constructor(
    private readonly path: string,
    private readonly limits: LogFileLimits = LIMITS,
  ) {}

  get size(): number | undefined {
    return this.file?.size;
  }

  async open(bytes: number): Promise<number> {
    this.file ??= await this.openFile();
    const { size } = this.file;
    if (size !== undefined && size > 0 && size + bytes > this.limits.fileBytes) {
      await this.rotate(this.file);
      this.file = await this.openFile();
    }
    return this.file.handle.fd;
  }

  openSync(): number {
    return this.file?.handle.fd ?? openSync(this.path, 'a', 0o600);
  }

  add(bytes: number): void {
    if (this.file?.size !== undefined) this.file.size += bytes;
  }

  async close(): Promise<void> {
    await this.file?.handle.close();
    this.file = undefined;
  }

  private async openFile(): Promise<OpenFile> {
    await mkdir(dirname(this.path), { recursive: true });
    const handle = await open(this.path, 'a', 0o600);
    try {
      const stats = await handle.stat();
      return { handle, inode: stats.ino, size: stats.isFile() ? stats.size : undefined };
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  private async rotate({ handle, inode }: OpenFile): Promise<void> {
    this.file = undefined;
    await handle.close();
    const found = await stat(this.path).catch(() => undefined);
    if (found?.ino !== inode) return;
    for (let kept = this.limits.files - 1; kept > 0; kept--) {
      const younger = kept === 1 ? this.path : `${this.path}.${kept - 1}`;
      await rename(younger, `${this.path}.${kept}`).catch(ignoreMissing);
    }
  }
}

function ignoreMissing(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT') throw error;
}
