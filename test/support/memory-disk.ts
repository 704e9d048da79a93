import type { Disposable } from 'vscode-jsonrpc';
import type { Disk, OpenedFile } from '../../src/recorder/disk.js';

/** A disk in memory, which can fill up and hang. */
export class MemoryDisk implements Disk {
  readonly files = new Map<string, Buffer>();
  private readonly locks = new Set<string>();
  /** Bytes that can still be written. */
  room = Number.POSITIVE_INFINITY;
  /** What `free` says; `room` if undefined. */
  freeBytes: number | undefined;
  /** Calls so far, without what was written. */
  readonly calls: string[] = [];
  /** Every call rejects with it. */
  failure: string | undefined;
  /** The next writes reject with these, one each. */
  readonly failures: string[] = [];
  private hanging: (() => void)[] | undefined;

  /** Calls do not come back until `goOn`. */
  hang(): void {
    this.hanging = [];
  }

  goOn(): void {
    const { hanging } = this;
    this.hanging = undefined;
    for (const go of hanging ?? []) go();
  }

  /** Whether a call waits. */
  get isAwaited(): boolean {
    return (this.hanging?.length ?? 0) > 0;
  }

  text(path: string): string {
    const data = this.files.get(path);
    if (data === undefined) throw new Error(`no file ${path} among ${[...this.files.keys()]}`);
    return data.toString();
  }

  async makeFolder(path: string): Promise<void> {
    await this.call(`makeFolder ${path}`);
  }

  async open(path: string, flags: 'r' | 'r+' | 'wx'): Promise<OpenedFile> {
    await this.call(`open ${path} ${flags}`);
    if (flags === 'wx' && this.files.has(path)) throw systemError('EEXIST');
    if (flags !== 'wx' && !this.files.has(path)) throw systemError('ENOENT');
    if (flags === 'wx') this.files.set(path, Buffer.alloc(0));
    const data = () => this.files.get(path) ?? Buffer.alloc(0);
    return {
      size: async () => data().length,
      read: async (position, length) => data().subarray(position, position + length),
      write: async (buffers, position) => {
        await this.call(`write ${path}`);
        const failure = this.failures.shift();
        if (failure !== undefined) throw systemError(failure);
        const bytes = Buffer.concat(buffers);
        const grown = Math.max(0, position + bytes.length - data().length);
        const fits = bytes.subarray(0, bytes.length - Math.max(0, grown - this.room));
        this.room -= Math.min(grown, this.room);
        const next = Buffer.alloc(Math.max(data().length, position + fits.length));
        data().copy(next);
        fits.copy(next, position);
        this.files.set(path, next);
        if (fits.length < bytes.length) throw systemError('ENOSPC');
      },
      sync: () => this.call(`sync ${path}`),
      truncate: async (size) => {
        await this.call(`truncate ${path}`);
        this.room += data().length - size;
        this.files.set(path, Buffer.from(data().subarray(0, size)));
      },
      close: () => this.call(`close ${path}`),
    };
  }

  async read(path: string): Promise<string> {
    await this.call(`read ${path}`);
    const data = this.files.get(path);
    if (data === undefined) throw systemError('ENOENT');
    return data.toString();
  }

  async remove(path: string): Promise<void> {
    await this.call(`remove ${path}`);
    this.files.delete(path);
  }

  async list(folder: string): Promise<string[]> {
    const prefix = `${folder}/`;
    return [...this.files.keys()]
      .filter((path) => path.startsWith(prefix))
      .map((path) => path.slice(prefix.length));
  }

  async syncFolder(path: string): Promise<void> {
    await this.call(`syncFolder ${path}`);
  }

  async free(): Promise<number> {
    return this.freeBytes ?? this.room;
  }

  async lock(path: string): Promise<Disposable | undefined> {
    if (this.locks.has(path)) return undefined;
    this.locks.add(path);
    return { dispose: () => void this.locks.delete(path) };
  }

  /** The process that had locks has ended. */
  dropLocks(): void {
    this.locks.clear();
  }

  private async call(what: string): Promise<void> {
    this.calls.push(what);
    await new Promise<void>((resolve) => {
      if (this.hanging === undefined) resolve();
      else this.hanging.push(resolve);
    });
    if (this.failure !== undefined) throw systemError(this.failure);
  }
}

function systemError(code: string): Error {
  return Object.assign(new Error(code), { code, syscall: 'write' });
}
