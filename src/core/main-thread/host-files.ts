import { isAbsolute } from 'node:path';
import type { Disposable } from 'vscode-jsonrpc';
import { RateLimiter } from '../../base/rate-limiter.js';
import { BulkheadError, ErrorCodes } from '../../protocol/errors.js';
import type { OpenedFile } from '../../protocol/plugin-questions.js';
import type { FileQuestion } from '../../protocol/questions.js';
import { PickedFile } from '../disk/picked-file.js';
import type { FileError } from '../disk/small-files.js';
import { type AnswerReader, invalid, listOf } from '../streamer/answer-readers.js';

/** Files that the plugins of one host may have open. */
const MAX_FILES = 20;
/** Reads under way for one host. Hosts themselves ask for one piece of a file after the other. */
const MAX_READS = MAX_FILES;
/** What one host may read: some at once, then as much a second, bytes. */
const READ_BYTES = { burst: 8 * 1024 * 1024, perSecond: 8 * 1024 * 1024 };

interface HeldFile {
  readonly plugin: string;
  readonly file: PickedFile;
}

export interface ReadPiece {
  readonly plugin: string;
  readonly file: number;
  readonly offset: number;
  readonly length: number;
}

/** The files that the streamer has picked for one host's plugins: they may read these until they close them, or end. */
export class HostFiles implements Disposable {
  private readonly held = new Map<number, HeldFile>();
  private readonly bytes = new RateLimiter(READ_BYTES);
  private reads = 0;
  private lastId = 0;
  private disposed = false;

  /** Reads the answer to a question for files: opens what it names. */
  reader(question: FileQuestion): AnswerReader<readonly PickedFile[]> {
    return {
      read: async (given) => {
        const paths = listOf(given).map((path) => checkedPath(path, question));
        if (paths.length === 0) throw invalid('expected a file');
        if (question.many !== true && paths.length > 1)
          throw invalid(`expected one file, got ${paths.length}`);
        const free = MAX_FILES - this.held.size;
        if (paths.length > free) {
          throw invalid(`the plugin can have ${MAX_FILES} files open, and ${this.held.size} are`);
        }
        return openAll(paths);
      },
      discard: closeAll,
    };
  }

  /** Gives a plugin the right to read these files. */
  hold(plugin: string, files: readonly PickedFile[]): OpenedFile[] {
    if (this.disposed) {
      closeAll(files);
      return [];
    }
    return files.map((file) => {
      this.lastId += 1;
      this.held.set(this.lastId, { plugin, file });
      return { file: this.lastId, name: file.name, size: file.size };
    });
  }

  /** @returns base64 */
  async read({ plugin, file: id, offset, length }: ReadPiece): Promise<string> {
    const file = this.fileOf(plugin, id);
    if (file === undefined) {
      throw new BulkheadError(ErrorCodes.storageFailed, 'the file has been closed', { where: plugin });
    }
    if (this.reads >= MAX_READS) {
      throw new BulkheadError(ErrorCodes.rpcBusy, `the plugin "${plugin}" reads too much at once`, {
        where: plugin,
        remedy: 'Wait for one read before the next.',
      });
    }
    this.reads += 1;
    try {
      const waitMs = this.bytes.spend(length);
      if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
      return (await file.read(offset, length)).toString('base64');
    } catch (error) {
      const { message } = error as FileError;
      throw new BulkheadError(ErrorCodes.storageFailed, `cannot read ${file.name}: ${message}`, {
        where: plugin,
        cause: error,
      });
    } finally {
      this.reads -= 1;
    }
  }

  close(plugin: string, id: number): void {
    const file = this.fileOf(plugin, id);
    if (file === undefined) return;
    this.held.delete(id);
    file.close();
  }

  /** Plugins of one host cannot read each other's files. */
  private fileOf(plugin: string, id: number): PickedFile | undefined {
    const held = this.held.get(id);
    return held?.plugin === plugin ? held.file : undefined;
  }

  dispose(): void {
    this.disposed = true;
    closeAll([...this.held.values()].map(({ file }) => file));
    this.held.clear();
  }
}

function checkedPath(path: string | number, { filters }: FileQuestion): string {
  if (typeof path !== 'string' || !isAbsolute(path)) {
    throw invalid(`expected the absolute path of a file, got ${JSON.stringify(path)}`);
  }
  const ends = filters.flatMap(({ extensions }) => extensions.map((one) => `.${one.toLowerCase()}`));
  if (ends.length === 0 || ends.some((end) => end === '.*' || path.toLowerCase().endsWith(end))) return path;
  throw invalid(`expected a file whose name ends with ${ends.join(', ')}, got ${path}`);
}

async function openAll(paths: readonly string[]): Promise<PickedFile[]> {
  const opened: PickedFile[] = [];
  try {
    for (const path of paths) opened.push(await openOne(path));
    return opened;
  } catch (error) {
    closeAll(opened);
    throw error;
  }
}

async function openOne(path: string): Promise<PickedFile> {
  try {
    return await PickedFile.open(path);
  } catch (error) {
    const { code, message } = error as FileError;
    const why: Readonly<Record<string, string>> = {
      ENOENT: 'there is no such file',
      EACCES: 'this user may not read it',
    };
    throw invalid(`cannot open ${path}: ${why[code] ?? message}`);
  }
}

function closeAll(files: readonly PickedFile[]): void {
  for (const file of files) file.close();
}
