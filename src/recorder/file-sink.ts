import type { ContainerSink } from '../media/containers/container.js';
import type { OpenedFile } from './disk.js';

/** Collects what a container writes, and brings it to the disk. */
export class FileSink implements ContainerSink {
  private appended: Buffer[] = [];
  private patches: { readonly position: number; readonly bytes: Buffer }[] = [];
  private writtenBytes: number;

  /** @param bytes the file's size: it goes on from there */
  constructor(
    private readonly file: OpenedFile,
    bytes = 0,
  ) {
    this.writtenBytes = bytes;
  }

  /** On the disk: what is beyond it is not whole. */
  get bytes(): number {
    return this.writtenBytes;
  }

  append(bytes: Buffer): void {
    this.appended.push(bytes);
  }

  patch(position: number, bytes: Buffer): void {
    this.patches.push({ position, bytes });
  }

  /**
   * Resolves when everything so far is on the disk. What is appended comes first: a patch may refer to it.
   *
   * @throws the operating system's error
   */
  async sync(): Promise<void> {
    const { file, appended, patches } = this;
    this.appended = [];
    this.patches = [];
    if (appended.length > 0) {
      await file.write(appended, this.writtenBytes);
      await file.sync();
      this.writtenBytes += appended.reduce((sum, { length }) => sum + length, 0);
    }
    if (patches.length === 0) return;
    for (const { position, bytes } of patches) await file.write([bytes], position);
    await file.sync();
  }
}
