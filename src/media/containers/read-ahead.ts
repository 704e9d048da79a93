import type { ReadableFile } from './container.js';

/** As much as the description of a fragment takes, and what is before it. */
const BLOCK_BYTES = 4096;

/** Reads small pieces that lie beside each other at once: a recording of a day has half a million of them. */
export class ReadAhead implements ReadableFile {
  private block: Buffer = Buffer.alloc(0);
  private blockAt = 0;

  constructor(private readonly file: ReadableFile) {}

  get size(): number {
    return this.file.size;
  }

  async read(position: number, length: number): Promise<Buffer> {
    if (length > BLOCK_BYTES) return await this.file.read(position, length);
    if (position < this.blockAt || position + length > this.blockAt + this.block.length) {
      this.block = await this.file.read(position, BLOCK_BYTES);
      this.blockAt = position;
    }
    const from = position - this.blockAt;
    return this.block.subarray(from, from + length);
  }
}
