import { spawnSync } from 'node:child_process';
import { appendFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Disposable } from 'vscode-jsonrpc';

const CHUNK = Buffer.alloc(64 * 1024, 1);

/** A small in-memory file system that can be filled up. Needs root, and Linux. */
export class SmallDisk implements Disposable {
  private readonly ballast: string;

  constructor(
    readonly path: string,
    sizeMb: number,
  ) {
    mkdirSync(path, { recursive: true });
    const options = `size=${sizeMb}m,nr_inodes=4k,mode=0700`;
    const { error, status, stderr } = spawnSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', path], {
      encoding: 'utf8',
    });
    if (status !== 0) {
      rmSync(path, { recursive: true, force: true });
      const why = error?.message ?? stderr.trim();
      throw new Error(
        `this needs a disk to fill: Linux, and the right to mount a tmpfs, which root has (${why})`,
      );
    }
    this.ballast = join(path, '.ballast');
  }

  /** Leaves no byte free. */
  fill(): void {
    try {
      for (;;) appendFileSync(this.ballast, CHUNK);
    } catch {
      // It is full.
    }
  }

  /** Leaves no inode for another file. */
  fillInodes(): void {
    try {
      mkdirSync(this.ballast);
      for (let count = 0; ; count++) writeFileSync(join(this.ballast, `${count}`), '');
    } catch {
      // There is none left.
    }
  }

  empty(): void {
    rmSync(this.ballast, { recursive: true, force: true });
  }

  dispose(): void {
    spawnSync('umount', ['-l', this.path]);
    rmSync(this.path, { recursive: true, force: true });
  }
}
