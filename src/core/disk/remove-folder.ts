import { rmSync } from 'node:fs';
import { rm } from 'node:fs/promises';

/** How often a removal that fails is tried again; the n-th time after n times as many ms: 20 s in all. */
const RETRIES = { maxRetries: 20, retryDelay: 100 };

/**
 * Removes a folder for temporary files, at once, so that the end of the core leaves none behind; where it cannot be read now, for
 * want of descriptors for example, a moment later.
 */
export function removeFolder(path: string): void {
  try {
    rmSync(path, { recursive: true, force: true });
  } catch {
    // A folder that stays is no reason to end anything.
    rm(path, { recursive: true, force: true, ...RETRIES }).catch(() => {});
  }
}
