import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Removes the oldest files in a folder that begin with `prefix`, until at most `count` files and `bytes` bytes are left;
 * the newest is always kept. Their names must sort by time. Rejects if the folder cannot be read.
 */
export async function keepNewest(
  folder: string,
  prefix: string,
  { count, bytes }: { readonly count: number; readonly bytes: number },
): Promise<void> {
  const names = (await readdir(folder))
    .filter((name) => name.startsWith(prefix))
    .sort()
    .reverse();
  let total = 0;
  for (const [index, name] of names.entries()) {
    const path = join(folder, name);
    total += (await stat(path).catch(() => undefined))?.size ?? 0;
    if (index > 0 && (index >= count || total > bytes)) await rm(path, { force: true });
  }
}
