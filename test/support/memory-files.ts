import type { DelayFiles } from '../../src/core/publish/delay/delay-files.js';

/** A disk in memory for a delay, which can be full, fail and hang. */
export class MemoryFiles implements DelayFiles {
  readonly folder = '/delays';
  readonly files = new Map<string, Buffer>();
  /** Bytes that can still be written. */
  room = Number.POSITIVE_INFINITY;
  /** Every call rejects with it. */
  failure: string | undefined;
  /** Names of the files that have been read. */
  readonly reads: string[] = [];
  isRemoved = false;
  isHanging = false;

  async free(): Promise<number> {
    await this.call();
    return this.room;
  }

  async write(name: string, parts: readonly Buffer[]): Promise<void> {
    await this.call();
    const bytes = Buffer.concat(parts);
    if (bytes.length > this.room) throw Object.assign(new Error('ENOSPC'), { code: 'ENOSPC' });
    this.room -= bytes.length;
    this.files.set(name, bytes);
  }

  async read(name: string): Promise<Buffer> {
    await this.call();
    this.reads.push(name);
    const bytes = this.files.get(name);
    if (bytes === undefined) throw new Error(`no file ${name}`);
    return Buffer.from(bytes);
  }

  async remove(name: string): Promise<void> {
    await this.call();
    this.room += this.files.get(name)?.length ?? 0;
    this.files.delete(name);
  }

  async removeAll(): Promise<void> {
    await this.call();
    this.files.clear();
    this.isRemoved = true;
  }

  private async call(): Promise<void> {
    if (this.isHanging) await new Promise(() => {});
    if (this.failure !== undefined) throw new Error(this.failure);
  }
}
