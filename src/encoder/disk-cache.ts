import { createHash, randomUUID } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import envPaths from 'env-paths';

/** What an entry was found out about: it holds as long as this stays the same. */
export type CacheKey = readonly (string | number)[];

/** A file as it is now, for a {@link CacheKey}. Throws what `stat` throws. */
export function fileKey(path: string): CacheKey {
  const { mtimeMs, size } = statSync(path);
  return [path, mtimeMs, size];
}

/**
 * Small facts that are slow to find out, kept as JSON files in the user's cache folder. A cache that is broken, or that
 * cannot be written, is none.
 */
export class DiskCache {
  constructor(private readonly folder: string = envPaths('bulkhead', { suffix: '' }).cache) {}

  /** The value kept under this very key, as whatever it was parsed to; undefined when there is none. */
  read(kind: string, key: CacheKey): unknown {
    try {
      const entry = JSON.parse(readFileSync(this.file(kind, key), 'utf8')) as {
        key: unknown;
        value: unknown;
      };
      return JSON.stringify(entry.key) === JSON.stringify(key) ? entry.value : undefined;
    } catch {
      return undefined;
    }
  }

  write(kind: string, key: CacheKey, value: unknown): void {
    const file = this.file(kind, key);
    const draft = `${file}.${randomUUID()}`;
    try {
      mkdirSync(this.folder, { recursive: true, mode: 0o700 });
      writeFileSync(draft, JSON.stringify({ key, value }), { mode: 0o600 });
      renameSync(draft, file);
    } catch {
      remove(draft);
    }
  }

  delete(kind: string, key: CacheKey): void {
    remove(this.file(kind, key));
  }

  /** Named by the first part of the key alone, so that a changed file takes its old entry's place. */
  private file(kind: string, [name]: CacheKey): string {
    const hash = createHash('sha256').update(String(name)).digest('hex').slice(0, 24);
    return join(this.folder, `${kind}-${hash}.json`);
  }
}

function remove(file: string): void {
  try {
    rmSync(file, { force: true });
  } catch {
    // There is no such folder.
  }
}
