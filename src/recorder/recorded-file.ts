import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Disposable } from 'vscode-jsonrpc';
import type { Container, ContainerWriter } from '../media/containers/container.js';
import { isVideoFrame, type StreamTag } from '../media/stream-tag.js';
import { BulkheadError, ErrorCodes } from '../protocol/errors.js';
import type { FileToRecord, RecordedFileReport } from '../protocol/recorder.js';
import type { Disk, OpenedFile } from './disk.js';
import { FileSink } from './file-sink.js';
import { readJournal, removeJournal, syncFolderOf, writeJournal } from './journal.js';

/** Names that are tried for one file: NAME, NAME-2, NAME-3 … */
const MOST_NAMES = 10_000;
/** How long the process that had the file may take to end, ms. */
const LOCK_PATIENCE_MS = 3000;
const LOCK_AGAIN_MS = 20;

interface Place {
  readonly path: string;
  readonly file: OpenedFile;
  readonly lock: Disposable;
}

/** A file that is being recorded. */
export class RecordedFile {
  private firstMs: number | undefined;
  private lastMs = 0;
  private isOpen = true;

  private constructor(
    private readonly disk: Disk,
    readonly settings: FileToRecord,
    readonly part: number,
    private readonly place: Place,
    private readonly sink: FileSink,
    private readonly writer: ContainerWriter,
    startMs?: number,
    endMs = 0,
  ) {
    this.firstMs = startMs;
    this.lastMs = (startMs ?? 0) + endMs;
  }

  /**
   * A new file, under a name that no other has.
   *
   * @throws the operating system's error
   */
  static async create(
    disk: Disk,
    container: Container,
    settings: FileToRecord,
    part: number,
  ): Promise<RecordedFile> {
    await disk.makeFolder(settings.folder);
    const place = await findPlace(disk, container, settings, part);
    await syncFolderOf(disk, place.path);
    const sink = new FileSink(place.file);
    return new RecordedFile(disk, settings, part, place, sink, container.begin(sink, settings.trackNames));
  }

  /**
   * The file that another recorder has left.
   *
   * @throws BulkheadError `recording.failed` if nothing of it can be used, or the operating system's error
   */
  static async resume(
    disk: Disk,
    container: Container,
    settings: FileToRecord,
    { part, path }: { readonly part: number; readonly path: string },
  ): Promise<RecordedFile> {
    const lock = await lockSoon(disk, path);
    if (lock === undefined) throw lost(path, 'another process still has it');
    let file: OpenedFile | undefined;
    try {
      file = await disk.open(path, 'r+');
      const size = await file.size();
      const scanned = await container.scan({ size, read: file.read });
      if (scanned === undefined) throw lost(path, 'nothing in it can be played');
      const { wholeBytes, startMs, endMs } = scanned;
      if (wholeBytes < size) await file.truncate(wholeBytes);
      const sink = new FileSink(file, wholeBytes);
      const writer = container.resume(sink, scanned);
      // It may have been complete.
      if ((await readJournal(disk, path)) === undefined) {
        await removeJournal(disk, path);
        await writeJournal(disk, path, { ...settings, id: idOf(settings, part) });
      }
      return new RecordedFile(disk, settings, part, { path, file, lock }, sink, writer, startMs, endMs);
    } catch (error) {
      await file?.close().catch(() => {});
      lock.dispose();
      throw error;
    }
  }

  get path(): string {
    return this.place.path;
  }

  /** Whether the tag can follow; otherwise another file has to begin. */
  accepts(tag: StreamTag): boolean {
    return this.writer.accepts(tag);
  }

  write(tag: StreamTag): void {
    if (isVideoFrame(tag) || tag.kind === 'audio') {
      this.firstMs ??= tag.timestampMs;
      this.lastMs = Math.max(this.lastMs, tag.timestampMs);
    }
    this.writer.write(tag);
  }

  chapter(timestampMs: number, title: string): void {
    this.writer.chapter(timestampMs, title);
  }

  /** Resolves when everything is on the disk. @throws the operating system's error */
  async sync(): Promise<void> {
    this.writer.flush();
    await this.sink.sync();
  }

  /** Ends the file: it is complete then. @throws the operating system's error */
  async end(): Promise<void> {
    this.writer.end();
    await this.sink.sync();
    await this.close();
    // No frame came.
    if (this.sink.bytes === 0) await this.disk.remove(this.path);
    await removeJournal(this.disk, this.path);
    await syncFolderOf(this.disk, this.path);
  }

  /** Leaves the file as it is, without what was not written as a whole. Its journal stays. */
  async abandon(): Promise<void> {
    await this.place.file.truncate(this.sink.bytes).catch(() => {});
    await this.close().catch(() => {});
  }

  report(): RecordedFileReport {
    const { id } = this.settings;
    const { part, path, isOpen } = this;
    const recordedMs = Math.max(0, this.lastMs - (this.firstMs ?? this.lastMs));
    return { id, part, path, bytes: this.sink.bytes, recordedMs, isOpen };
  }

  private async close(): Promise<void> {
    this.isOpen = false;
    try {
      await this.place.file.close();
    } finally {
      this.place.lock.dispose();
    }
  }
}

async function findPlace(
  disk: Disk,
  container: Container,
  settings: FileToRecord,
  part: number,
): Promise<Place> {
  const { folder, name } = settings;
  const id = idOf(settings, part);
  for (let number = 1; number <= MOST_NAMES; number++) {
    const path = join(folder, `${name}${number === 1 ? '' : `-${number}`}${container.extension}`);
    const place = await takePlace(disk, path, { ...settings, id });
    if (place !== undefined) return place;
  }
  throw new BulkheadError(ErrorCodes.recordingFailed, `there are ${MOST_NAMES} files named ${name} already`, {
    where: folder,
    remedy: 'Choose another "recording.name" or folder.',
  });
}

/** Undefined if the name is taken. */
async function takePlace(disk: Disk, path: string, settings: FileToRecord): Promise<Place | undefined> {
  const lock = (await disk.lock(path)) ?? (await ownLock(disk, path, settings));
  if (lock === undefined) return undefined;
  let hasJournal = false;
  try {
    hasJournal = await tryOnce(writeJournal(disk, path, settings));
    if (!hasJournal) {
      // Begun by a recorder that could not report it, so that all of it comes again.
      const isOwn = (await readJournal(disk, path))?.id === settings.id;
      const file = isOwn ? await openEmpty(disk, path) : undefined;
      if (file !== undefined) return { path, file, lock };
    } else {
      let file: OpenedFile | undefined;
      await tryOnce(disk.open(path, 'wx').then((opened) => (file = opened)));
      if (file !== undefined) return { path, file, lock };
      await removeJournal(disk, path);
    }
    lock.dispose();
    return undefined;
  } catch (error) {
    if (hasJournal) await removeJournal(disk, path).catch(() => {});
    lock.dispose();
    throw error;
  }
}

/** The process that began this very file has been killed, and ends in a moment. */
async function ownLock(disk: Disk, path: string, { id }: FileToRecord): Promise<Disposable | undefined> {
  return (await readJournal(disk, path))?.id === id ? lockSoon(disk, path) : undefined;
}

async function openEmpty(disk: Disk, path: string): Promise<OpenedFile> {
  const file = await disk.open(path, 'r+').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return disk.open(path, 'wx');
    throw error;
  });
  await file.truncate(0);
  return file;
}

/** False if there is something of that name already. */
async function tryOnce(work: Promise<unknown>): Promise<boolean> {
  try {
    await work;
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

async function lockSoon(disk: Disk, path: string): Promise<Disposable | undefined> {
  const deadlineMs = performance.now() + LOCK_PATIENCE_MS;
  for (;;) {
    const lock = await disk.lock(path);
    if (lock !== undefined || performance.now() > deadlineMs) return lock;
    await delay(LOCK_AGAIN_MS);
  }
}

function idOf({ id }: FileToRecord, part: number): string {
  return `${id}.${part}`;
}

function lost(path: string, reason: string): BulkheadError {
  return new BulkheadError(ErrorCodes.recordingFailed, `${path} cannot be gone on with: ${reason}`, {
    where: path,
    remedy: 'The recording goes on in another file.',
  });
}
