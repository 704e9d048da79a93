import { spawnSync } from 'node:child_process';
import { appendFileSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

const CHUNK = Buffer.alloc(64 * 1024, 1);

/** A small file system of its own, in memory, that can be filled up. Needs root, and Linux. */
export class SmallDisk {
  private readonly ballast: string;

  constructor(
    readonly path: string,
    sizeMb: number,
  ) {
    mkdirSync(path, { recursive: true });
    const options = `size=${sizeMb}m,nr_inodes=4k,mode=0700`;
    const { status, stderr } = spawnSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', path], {
      encoding: 'utf8',
    });
    if (status !== 0) throw new Error(`this needs a disk to fill, and cannot mount one: ${stderr.trim()}`);
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

  empty(): void {
    rmSync(this.ballast, { force: true });
  }

  dispose(): void {
    spawnSync('umount', ['-l', this.path]);
    rmSync(this.path, { recursive: true, force: true });
  }
}
