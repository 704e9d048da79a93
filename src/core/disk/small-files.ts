import { constants } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { withDeadline } from '../../base/with-deadline.js';

/** Deadline of a read, ms: on a network folder that hangs it never completes. */
const DEADLINE_MS = 5000;
/**
 * Maximum number of parallel reads, each of another folder. One that hangs blocks one of libuv's four threads, and the others
 * are needed.
 */
const MAX_READS = 2;
/** A pipe without a writer must not block a thread either. Windows has no such flag. */
const READ = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);
const MAX_BYTES = 1024 * 1024;

/**
 * `code` is that of the operating system, including `EISDIR` and `EFBIG`, or `ETIMEDOUT` for a file that did not respond in
 * time.
 */
export class FileError extends Error {
  override readonly name = 'FileError';

  constructor(
    readonly code: string,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/**
 * Reads files named by the settings, from any location: a folder that hangs delays only reads from that folder. Only one read
 * per folder and per file is active at a time; concurrent readers share it.
 */
export class SmallFiles {
  private readonly reads = new Map<string, Promise<string>>();
  private readonly questions = new Map<string, Promise<unknown>>();
  private waiting: { readonly folder: string; readonly begin: () => void }[] = [];
  /** Folders with an active read. */
  private readonly busy = new Set<string>();

  /** Parameters are for tests, which need disks that hang. */
  constructor(
    private readonly readText: (path: string) => Promise<string> = readRegularFile,
    private readonly ask: (path: string) => Promise<unknown> = stat,
  ) {}

  /**
   * The whole text.
   *
   * @throws {FileError}
   */
  async read(path: string, deadlineMs = DEADLINE_MS): Promise<string> {
    try {
      return await withDeadline(
        this.shared(this.reads, path, () => this.readText(path)),
        deadlineMs,
        () => late(deadlineMs),
      );
    } catch (error) {
      if (error instanceof FileError) throw error;
      const { code = 'EIO', message } = error as NodeJS.ErrnoException;
      throw new FileError(code, message, { cause: error });
    }
  }

  /**
   * Resolves when the disk responds for this path, with success or an error. Call it before a synchronous read.
   *
   * @throws {FileError} `ETIMEDOUT`
   */
  async answers(path: string, deadlineMs = DEADLINE_MS): Promise<void> {
    const asked = this.shared(this.questions, path, () => this.ask(path));
    await withDeadline(
      asked.catch(() => {}),
      deadlineMs,
      () => late(deadlineMs),
    );
  }

  /** Calls during an active read share its result. */
  private shared<T>(pending: Map<string, Promise<T>>, path: string, work: () => Promise<T>): Promise<T> {
    const existing = pending.get(path);
    if (existing !== undefined) return existing;
    const begun = this.inTurn(path, work).finally(() => pending.delete(path));
    // The callers may have stopped waiting for it.
    begun.catch(() => {});
    pending.set(path, begun);
    return begun;
  }

  /** Does other work with a file's disk when it is its turn: only what is done in turn leaves threads for the rest of the core. */
  async inTurn<T>(path: string, work: () => Promise<T>): Promise<T> {
    const folder = dirname(path);
    await new Promise<void>((begin) => {
      this.waiting.push({ folder, begin });
      this.beginNext();
    });
    try {
      return await work();
    } finally {
      this.busy.delete(folder);
      this.beginNext();
    }
  }

  private beginNext(): void {
    const next = this.waiting.find(({ folder }) => !this.busy.has(folder));
    if (next === undefined || this.busy.size >= MAX_READS) return;
    this.waiting = this.waiting.filter((other) => other !== next);
    this.busy.add(next.folder);
    next.begin();
  }
}

/** One per process, since libuv's threads are per process. */
export const smallFiles = new SmallFiles();

function late(deadlineMs: number): never {
  throw new FileError('ETIMEDOUT', `no response within ${deadlineMs / 1000} s`);
}

async function readRegularFile(path: string): Promise<string> {
  const handle = await open(path, READ);
  try {
    const stats = await handle.stat();
    if (!stats.isFile()) throw new FileError('EISDIR', 'it is not a file');
    if (stats.size > MAX_BYTES) throw new FileError('EFBIG', `it is larger than ${MAX_BYTES} bytes`);
    return await handle.readFile('utf8');
  } finally {
    await handle.close();
  }
}
