import { l10n } from '@bulkhead/extension-api';

const DEADLINE_MS = 10_000;

export interface TitleRequest {
  readonly api: string;
  readonly clientId: string;
  readonly broadcasterId: string;
  readonly token: string;
  readonly title: string;
}

/** Sets the title of a channel, as "Modify Channel Information" of Twitch's API does. @throws An error that says why not */
export async function setTitle(
  { api, clientId, broadcasterId, token, title }: TitleRequest,
  signal: AbortSignal,
): Promise<void> {
  if (!URL.canParse(api)) throw new Error(l10n.t('"api" is no address: {0}', api));
  const url = new URL(api);
  url.searchParams.set('broadcaster_id', broadcasterId);
  const response = await fetch(url, {
    method: 'PATCH',
    headers: { authorization: `Bearer ${token}`, 'client-id': clientId, 'content-type': 'application/json' },
    body: JSON.stringify({ title }),
    signal: AbortSignal.any([signal, AbortSignal.timeout(DEADLINE_MS)]),
  }).catch((error: Error) => {
    throw new Error((error.cause as Error | undefined)?.message ?? error.message);
  });
  await response.body?.cancel();
  if (response.ok) return;
  const reasons: Readonly<Record<number, string>> = {
    401: l10n.t('the access token is not valid any more, or not for this; get another one'),
    429: l10n.t('too many requests; try again in a minute'),
  };
  const answer = `${response.status} ${response.statusText}`;
  throw new Error(reasons[response.status] ?? l10n.t('the server answers {0}', answer));
}
