import { createHash, randomUUID } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import envPaths from 'env-paths';

/** Identifies the subject of an entry: the entry is valid as long as the key is the same. */
export type CacheKey = readonly (string | number)[];

/** A file's current state, for a {@link CacheKey}. Throws errors of `stat`. */
export function fileKey(path: string): CacheKey {
  const { mtimeMs, size } = statSync(path);
  return [path, mtimeMs, size];
}

/**
 * Small facts that are slow to determine, cached as JSON files in the user's cache folder. A cache that is broken or
 * not writable counts as empty.
 */
export class DiskCache {
  constructor(private readonly folder: string = envPaths('bulkhead', { suffix: '' }).cache) {}

  /** The parsed value stored under exactly this key; undefined if there is none. */
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

  /** Named by the first part of the key only, so that the entry of a changed file is replaced. */
  private file(kind: string, [name]: CacheKey): string {
    const hash = createHash('sha256').update(String(name)).digest('hex').slice(0, 24);
    return join(this.folder, `${kind}-${hash}.json`);
  }
}

function remove(file: string): void {
  try {
    rmSync(file, { force: true });
  } catch {
    // The folder does not exist.
  }
}
