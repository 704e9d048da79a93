import { l10n } from '@bulkhead/extension-api';

/** Of a line, characters: what is longer comes in parts. */
const MOST_LINE = 2000;

/** The lines of a text as they come, for as long as the server sends them. @throws An error that says why not */
export async function* readLines(url: string, signal: AbortSignal): AsyncGenerator<string> {
  const response = await fetch(url, { signal }).catch((error: Error) => {
    throw new Error(l10n.t('no captions: {0}', (error.cause as Error | undefined)?.message ?? error.message));
  });
  if (!response.ok || response.body === null) {
    await response.body?.cancel();
    throw new Error(l10n.t('no captions: {0}', `${response.status} ${response.statusText}`));
  }
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of response.body) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split(/\r?\n/);
    rest = lines.pop() ?? '';
    if (rest.length > MOST_LINE) {
      lines.push(rest);
      rest = '';
    }
    yield* lines;
  }
  if (rest !== '') yield rest;
}
