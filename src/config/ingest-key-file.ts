import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import envPaths from 'env-paths';

/** Where the key that was made for an ingest is kept, for its user alone. The core writes it; the command shows it. */
export function ingestKeyFile(id: string): string {
  return join(envPaths('bulkhead', { suffix: '' }).data, 'ingests', `${id}.key`);
}

/** The key that was made for the ingest; undefined while there is none that this user can read. */
export function readIngestKey(id: string): string | undefined {
  try {
    return readFileSync(ingestKeyFile(id), 'utf8').trim() || undefined;
  } catch {
    return undefined;
  }
}
