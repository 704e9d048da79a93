import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import envPaths from 'env-paths';

/**
 * The file with the generated key of an ingest, readable only by its user. The core writes it; the command shows it.
 */
export function ingestKeyFile(id: string): string {
  return join(envPaths('bulkhead', { suffix: '' }).data, 'ingests', `${id}.key`);
}

/** The generated key of an ingest; undefined if there is none that this user can read. */
export function readIngestKey(id: string): string | undefined {
  try {
    return readFileSync(ingestKeyFile(id), 'utf8').trim() || undefined;
  } catch {
    return undefined;
  }
}
