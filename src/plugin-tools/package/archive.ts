import { createHash } from 'node:crypto';
import { renameSync, rmSync, type Stats, writeFileSync } from 'node:fs';
import { create } from 'tar';
import type { PackedFile } from './list-files.js';

/** npm's fixed time: the bytes of an archive must not depend on when it was created. */
const MODIFIED = new Date('1985-10-26T08:15:00.000Z');

export interface Archive {
  readonly bytes: Buffer;
  /** As in a package-lock.json: `sha512-…`. */
  readonly integrity: string;
}

/**
 * Creates the archive that `npm pack` would create. The same files always give the same bytes.
 *
 * @param files Ordered by path.
 */
export async function makeArchive(folder: string, files: readonly PackedFile[]): Promise<Archive> {
  const stream = create(
    {
      cwd: folder,
      prefix: 'package/',
      portable: true,
      gzip: { level: 9 },
      mtime: MODIFIED,
      filter: (_path, stats) => {
        // Nor may they depend on the author's umask. The archive's headers are written from these stats.
        (stats as Stats).mode = 0o100644;
        return true;
      },
    },
    // A path that begins with "@" would be taken for an archive.
    files.map(({ path }) => `./${path}`),
  );
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  const bytes = Buffer.concat(chunks);
  return { bytes, integrity: `sha512-${createHash('sha512').update(bytes).digest('base64')}` };
}

/** Writes it atomically, so that no incomplete archive is visible. */
export function writeArchive(file: string, { bytes }: Archive): void {
  const partial = `${file}.${process.pid}.partial`;
  try {
    writeFileSync(partial, bytes);
    renameSync(partial, file);
  } finally {
    rmSync(partial, { force: true });
  }
}

/** `someone-hello-1.0.0.tgz` for `@someone/hello`, as npm names it. */
export function archiveName(name: string, version: string): string {
  return `${name.replace(/^@/, '').replaceAll('/', '-')}-${version}.tgz`;
}
