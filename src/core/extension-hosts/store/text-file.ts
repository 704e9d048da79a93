import { readFile } from 'node:fs/promises';
import { BulkheadError, ErrorCodes } from '../../../protocol/errors.js';
import { replaceFile, setDamagedAside } from '../../disk/own-file.js';
import type { StoredTexts } from '../../main-thread/plugin-storage.js';

export interface TextFileOptions {
  /** Owner and kind, for errors: `state of the plugin "me.chat"`. */
  readonly name: string;
  readonly path: string;
  /** Maximum total size of keys and values, bytes of UTF-8. */
  readonly quotaBytes: number;
  /** Why nothing may be stored at the moment; undefined if storing is allowed. */
  readonly refusal?: () => BulkheadError | undefined;
  /** A text has been written that is another one, or removed. */
  readonly onDidChange?: (key: string) => void;
  /** The file was damaged; it is kept as `keptAs`, and a new one created. */
  readonly onDamage: (keptAs: string) => void;
}

/**
 * Texts by key, in one small file readable only by its owner. Read once and then kept in memory; each write replaces
 * the whole file, so that after a crash it has either the old or the new content.
 */
export class TextFile implements StoredTexts {
  private reading: Promise<Map<string, string>> | undefined;
  private written: Promise<void> = Promise.resolve();
  private waiting: Promise<void> | undefined;
  private bytes = 0;
  private onDisk: ReadonlyMap<string, string> = new Map();

  constructor(private readonly options: TextFileOptions) {}

  async all(): Promise<Readonly<Record<string, string>>> {
    return Object.fromEntries(await this.values());
  }

  async get(key: string): Promise<string | undefined> {
    return (await this.values()).get(key);
  }

  async keys(): Promise<string[]> {
    return [...(await this.values()).keys()];
  }

  /**
   * Sets a text; null removes it. Resolves once it has been written to the disk.
   *
   * @throws `storage.quota`, `storage.failed`; then the text has not changed.
   */
  async set(key: string, value: string | null): Promise<void> {
    const values = await this.values();
    const before = values.get(key);
    const after = value ?? undefined;
    if (before === undefined && after === undefined) return;
    const bytes = this.bytes - size(key, before) + size(key, after);
    const { quotaBytes, name, refusal } = this.options;
    if (bytes > this.bytes) {
      const refused = refusal?.();
      if (refused !== undefined) throw refused;
    }
    if (bytes > quotaBytes && bytes > this.bytes) {
      throw new BulkheadError(
        ErrorCodes.storageQuota,
        `the ${name} would take ${bytes} bytes with "${key}", of ${quotaBytes} that it may`,
        { remedy: 'Store less, or remove what is no longer needed.' },
      );
    }
    this.put(values, key, after);
    try {
      await this.save(values);
    } catch (error) {
      // Unless it has been set again in the meantime.
      if (values.get(key) === after) this.put(values, key, this.onDisk.get(key));
      throw new BulkheadError(
        ErrorCodes.storageFailed,
        `the ${name} cannot be written: ${(error as Error).message}`,
        { where: this.options.path, cause: error },
      );
    }
    if (before !== after) this.options.onDidChange?.(key);
  }

  /** What the texts and their keys take, bytes. */
  async usedBytes(): Promise<number> {
    await this.values();
    return this.bytes;
  }

  /** Resolves when no write is pending. */
  async flush(): Promise<void> {
    await this.written.catch(() => {});
  }

  private put(values: Map<string, string>, key: string, value: string | undefined): void {
    this.bytes += size(key, value) - size(key, values.get(key));
    if (value === undefined) values.delete(key);
    else values.set(key, value);
  }

  private values(): Promise<Map<string, string>> {
    this.reading ??= this.read();
    return this.reading;
  }

  private async read(): Promise<Map<string, string>> {
    const { path, name, onDamage } = this.options;
    let text: string;
    try {
      text = await this.readText();
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return new Map();
      this.reading = undefined;
      throw new BulkheadError(
        ErrorCodes.storageFailed,
        `the ${name} cannot be read: ${(error as Error).message}`,
        { where: path, cause: error },
      );
    }
    const values = parse(text);
    if (values === undefined) {
      const keptAs = await setDamagedAside(path);
      onDamage(keptAs);
      return new Map();
    }
    for (const [key, value] of values) this.bytes += size(key, value);
    this.onDisk = new Map(values);
    return values;
  }

  /** One write at a time; changes made during it are included in the next. */
  private save(values: ReadonlyMap<string, string>): Promise<void> {
    this.waiting ??= this.written
      .catch(() => {})
      .then(async () => {
        this.waiting = undefined;
        const snapshot = new Map(values);
        await this.writeText(JSON.stringify(Object.fromEntries(snapshot)));
        this.onDisk = snapshot;
      });
    this.written = this.waiting;
    return this.waiting;
  }

  /** The whole file. */
  protected readText(): Promise<string> {
    return readFile(this.options.path, 'utf8');
  }

  /** Replaces the whole file. */
  protected writeText(text: string): Promise<void> {
    return replaceFile(this.options.path, text);
  }
}

function size(key: string, value: string | undefined): number {
  return value === undefined ? 0 : Buffer.byteLength(key) + Buffer.byteLength(value);
}

/** Undefined for a text that was not written by `writeText`. */
function parse(text: string): Map<string, string> | undefined {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof content !== 'object' || content === null || Array.isArray(content)) return undefined;
  const entries = Object.entries(content);
  return entries.every(([, value]) => typeof value === 'string') ? new Map(entries) : undefined;
}
