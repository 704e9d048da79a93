import { l10n } from '@bulkhead/extension-api';

const DEADLINE_MS = 10_000;
const MOST_BYTES = 8 * 1024 * 1024;

export interface Page {
  /** `text/plain; charset=utf-8` */
  readonly type: string;
  readonly body: Buffer;
}

/** @throws An error that says why it cannot be read, in one line */
export async function read(url: string, signal: AbortSignal): Promise<Page> {
  const response = await fetch(url, {
    signal: AbortSignal.any([signal, AbortSignal.timeout(DEADLINE_MS)]),
  }).catch((error: Error) => {
    throw new Error(l10n.t('not read: {0}', (error.cause as Error | undefined)?.message ?? error.message));
  });
  if (!response.ok || response.body === null) {
    await response.body?.cancel();
    throw new Error(l10n.t('not read: {0}', `${response.status} ${response.statusText}`));
  }
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body) {
    bytes += chunk.length;
    if (bytes > MOST_BYTES) throw new Error(l10n.t('not read: more than {0} MB', MOST_BYTES / 1024 / 1024));
    chunks.push(chunk);
  }
  return { type: response.headers.get('content-type') ?? 'text/plain', body: Buffer.concat(chunks) };
}
