import { rm } from 'node:fs/promises';

/** How often a removal that fails is tried again; the n-th time after n times as many ms: 20 s in all. */
const RETRIES = { maxRetries: 20, retryDelay: 100 };

/**
 * Removes a folder for temporary files; where it cannot be read now, for want of descriptors for example, a moment later. Never
 * rejects: a folder that stays is no reason to end anything.
 */
export async function removeFolder(path: string): Promise<void> {
  await rm(path, { recursive: true, force: true, ...RETRIES }).catch(() => {});
}
