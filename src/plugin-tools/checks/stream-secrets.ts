/** Streaming secrets that general secret scanners do not know. */
const SHAPES: readonly { readonly what: string; readonly pattern: RegExp }[] = [
  { what: 'a Twitch stream key', pattern: /\blive_\d{6,12}_[A-Za-z0-9]{20,}/g },
  { what: 'a Twitch chat token', pattern: /\boauth:[a-z0-9]{30}\b/g },
  { what: 'a Facebook stream key', pattern: /\bFB-\d{10,}-\d-[\w-]{10,}/g },
  {
    what: "a Discord webhook's address",
    pattern: /\bdiscord(?:app)?\.com\/api\/webhooks\/\d{15,}\/[\w-]{40,}/g,
  },
  { what: 'a stream key', pattern: /\brtmps?:\/\/[^\s"'`/]+\/[^\s"'`/]+\/([\w?=&.-]{8,})/g },
];

export interface StreamSecret {
  readonly what: string;
  /** Its position in the text. */
  readonly index: number;
}

/** Finds stream keys and chat tokens in a text. */
export function findStreamSecrets(text: string): StreamSecret[] {
  return SHAPES.flatMap(({ what, pattern }) =>
    [...text.matchAll(pattern)]
      .filter(([whole, key = whole]) => !isPlaceholder(key))
      .map(({ index }) => ({ what, index })),
  );
}

/** Placeholders in examples: `YOUR-STREAM-KEY`, `xxxxxxxx`, a word. Keys contain digits. */
function isPlaceholder(key: string): boolean {
  return !/\d/.test(key) || /key|example|secret|your|(.)\1{3}/i.test(key);
}
