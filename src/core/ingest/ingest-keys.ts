import { randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { withDeadline } from '../../base/with-deadline.js';
import { ingestKeyFile } from '../../config/ingest-key-file.js';
import type { IngestConfig } from '../../config/schema.js';
import { BulkheadError, ErrorCodes } from '../../protocol/errors.js';
import { resolveSecret } from '../disk/secret-reference.js';
import { type FileError, smallFiles } from '../disk/small-files.js';

/** Size of a generated key, bytes; written as 32 characters. */
const KEY_BYTES = 24;
const WRITE_DEADLINE_MS = 5000;
/** Characters at which a publisher's program would cut the key. */
const FORBIDDEN = /[\s/?&#]/;

/**
 * The key that publishers of this ingest must present: the configured one, else the one generated earlier, else a new one,
 * which is stored.
 *
 * @throws BulkheadError `config.secretNotFound` if the reference cannot be resolved or a key cannot be stored,
 * `config.invalid` for a key that publishers cannot send
 */
export async function ingestKey({ id, key: reference }: IngestConfig): Promise<string> {
  const where = `ingests.${id}`;
  const key = reference === undefined ? await keptKey(id, where) : await resolveSecret(reference, where);
  if (!FORBIDDEN.test(key)) return key;
  throw new BulkheadError(
    ErrorCodes.configInvalid,
    'the key of the ingest has a space, "/", "?", "&" or "#" in it: programs that publish cut it there',
    { where, remedy: 'Choose a key of letters, digits, "-" and "_"; or leave it out, and one is made.' },
  );
}

async function keptKey(id: string, where: string): Promise<string> {
  const file = ingestKeyFile(id);
  try {
    const kept = (await smallFiles.read(file)).trim();
    if (kept !== '') return kept;
  } catch (error) {
    const { code } = error as FileError;
    if (code !== 'ENOENT') throw notKept(file, where, code, error);
  }
  const key = randomBytes(KEY_BYTES).toString('base64url');
  const write = async () => {
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    await writeFile(file, `${key}\n`, { mode: 0o600 });
  };
  try {
    await withDeadline(write(), WRITE_DEADLINE_MS, () => {
      throw new Error('it takes too long');
    });
  } catch (error) {
    throw notKept(file, where, (error as NodeJS.ErrnoException).code ?? 'ETIMEDOUT', error);
  }
  return key;
}

function notKept(file: string, where: string, code: string, cause: unknown): BulkheadError {
  return new BulkheadError(
    ErrorCodes.secretNotFound,
    `cannot keep the key of the ingest in ${file} (${code})`,
    {
      where,
      remedy: 'Make that folder writable, or set a "key" of your own: "env:NAME" or "file:PATH".',
      cause,
    },
  );
}
