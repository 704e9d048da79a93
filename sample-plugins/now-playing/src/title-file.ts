import { open } from 'node:fs/promises';
import type { Disposable } from '@bulkhead/extension-api';

/** How often the file is read, ms: some players replace it, which a watcher of the file would miss. */
export const INTERVAL_MS = 500;
/** Of the file, bytes; what comes after it is not read. */
const MOST_BYTES = 4096;
/** Of a title, characters. */
const MOST_CHARACTERS = 200;

export interface TitleEvents {
  /** Each time that the file has been read; '' for no title. It is read again when this has resolved. */
  onTitle(title: string): Promise<void>;
  onProblem(reason: string): void;
}

/** A text file whose first line is a title. */
export class TitleFile implements Disposable {
  private timer: NodeJS.Timeout | undefined;
  private disposed = false;

  constructor(
    private readonly path: string,
    private readonly events: TitleEvents,
  ) {}

  /** Reads the file, now and from then on. */
  async follow(): Promise<void> {
    try {
      const title = await titleIn(this.path);
      if (!this.disposed) await this.events.onTitle(title);
    } catch (error) {
      if (!this.disposed) this.events.onProblem((error as Error).message);
    }
    if (!this.disposed) this.timer = setTimeout(() => this.follow(), INTERVAL_MS);
  }

  dispose(): void {
    this.disposed = true;
    clearTimeout(this.timer);
  }
}

/** The title in the file; '' for none, or without such a file. */
export async function titleIn(path: string): Promise<string> {
  let file: Awaited<ReturnType<typeof open>>;
  try {
    file = await open(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  }
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(MOST_BYTES), 0, MOST_BYTES, 0);
    const text = buffer.toString('utf8', 0, bytesRead).replace(/^\uFEFF/, '');
    const [line = ''] = text.trim().split(/[\r\n]/, 1);
    return [...line].slice(0, MOST_CHARACTERS).join('').trim();
  } finally {
    await file.close();
  }
}
