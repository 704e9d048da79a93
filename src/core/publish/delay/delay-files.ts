import { randomUUID } from 'node:crypto';
import { mkdir, open, readdir, readFile, rm, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import type { Disposable } from 'vscode-jsonrpc';
import { takeProcessLock } from '../../../config/process-lock.js';
import { type SmallFiles, smallFiles } from '../../disk/small-files.js';

/** The files of a ring. All reject with the system's errors; none has a deadline. */
export interface DelayFiles {
  /** As shown to people. */
  readonly folder: string;
  /** Bytes, for this user. */
  free(): Promise<number>;
  write(name: string, parts: readonly Buffer[]): Promise<void>;
  read(name: string): Promise<Buffer>;
  remove(name: string): Promise<void>;
  removeAll(): Promise<void>;
}

export function isDiskFull(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ENOSPC' || code === 'EDQUOT';
}

/**
 * Files in a folder of their own, which only this user can read. What a core leaves behind that was killed is removed by the next one: as
 * long as a core runs, it has the lock of its folders.
 */
export class FolderFiles implements DelayFiles {
  private readonly own = `${process.pid}-${randomUUID().slice(0, 8)}`;
  private lock: Disposable | undefined;

  constructor(
    readonly folder: string,
    private readonly disk: Pick<SmallFiles, 'inTurn'> = smallFiles,
  ) {}

  free(): Promise<number> {
    return this.inTurn(async () => {
      await this.make();
      const { bavail, bsize } = await statfs(this.folder);
      return bavail * bsize;
    });
  }

  write(name: string, parts: readonly Buffer[]): Promise<void> {
    return this.inTurn(async () => {
      await this.make();
      const file = await open(this.path(name), 'w', 0o600);
      try {
        const { bytesWritten } = await file.writev([...parts]);
        const total = parts.reduce((sum, { length }) => sum + length, 0);
        // A disk that is full takes a part first.
        if (bytesWritten < total) throw Object.assign(new Error('the disk is full'), { code: 'ENOSPC' });
      } finally {
        await file.close();
      }
    });
  }

  read(name: string): Promise<Buffer> {
    return this.inTurn(() => readFile(this.path(name)));
  }

  remove(name: string): Promise<void> {
    return this.inTurn(() => rm(this.path(name), { force: true }));
  }

  removeAll(): Promise<void> {
    return this.inTurn(async () => {
      await rm(join(this.folder, this.own), { recursive: true, force: true });
      this.lock?.dispose();
      await rm(join(this.folder, `${this.own}.lock`), { force: true });
    });
  }

  private path(name: string): string {
    return join(this.folder, this.own, name);
  }

  private async make(): Promise<void> {
    if (this.lock !== undefined) return;
    await mkdir(this.folder, { recursive: true, mode: 0o700 });
    this.lock = await takeProcessLock(join(this.folder, this.own));
    await mkdir(join(this.folder, this.own), { recursive: true, mode: 0o700 });
  }

  private inTurn<T>(work: () => Promise<T>): Promise<T> {
    return this.disk.inTurn(join(this.folder, this.own), work);
  }
}

/** Removes what cores have left in this folder that do not run any more. Never rejects. */
export async function removeLeftDelays(folder: string): Promise<void> {
  await smallFiles
    .inTurn(join(folder, 'left'), async () => {
      for (const name of await readdir(folder)) {
        if (!/^\d+-[0-9a-f]{8}$/.test(name)) continue;
        const path = join(folder, name);
        const lock = await takeProcessLock(path);
        if (lock === undefined) continue;
        await rm(path, { recursive: true, force: true });
        lock.dispose();
        await rm(`${path}.lock`, { force: true });
      }
    })
    .catch(() => {});
}
