import type { InputConfig, SourceConfig } from './schema.js';

const HIDDEN = '***';
/** A shorter secret may be part of an ordinary word: it is hidden only where it stands alone. */
const DISTINCT_LENGTH = 8;
/** Shorter query values are usually options (`mode=caller`, `latency=200`); they are hidden only in the address. */
const MIN_QUERY_SECRET = 6;
/** Scheme, user name and password, path, query. */
const ADDRESS = /^([a-z][a-z0-9+.-]*):\/\/(?:([^/?]*)@)?([^?]*)(?:\?(.*))?$/is;
const ADDRESSES = /\b[a-z][a-z0-9+.-]*:\/\/[^\s'"]+/gi;
/** An RTMP server's message: it could contain the key in any encoding. */
const SERVER_TEXT = /(Server error: ).*/s;
/** Punctuation that ffmpeg puts after an address. */
const PUNCTUATION = /[:.,;)\]]*$/;

/**
 * Removes from addresses in the text what may be secret: user name, password, query, and the last segment of an RTMP path,
 * which is the stream key.
 */
export function redactUrls(text: string): string {
  return text.replace(ADDRESSES, (found) => {
    const end = PUNCTUATION.exec(found)?.[0] ?? '';
    return redactUrl(found.slice(0, found.length - end.length)) + end;
  });
}

/** Removes all of the input's secrets from ffmpeg's messages, even outside of addresses. */
export function inputRedactor(input: InputConfig | SourceConfig): (text: string) => string {
  const secrets = new Set('url' in input ? secretsOf(input.url).flatMap(forms) : []);
  // Longer ones first: they may contain a shorter one.
  const patterns = [...secrets].sort((a, b) => b.length - a.length).map(patternOf);
  return (text) =>
    patterns.reduce(
      (shown, secret) => shown.replace(secret, HIDDEN),
      redactUrls(text).replace(SERVER_TEXT, '$1not shown'),
    );
}

/** One address with its secrets hidden, even if it contains spaces. */
export function redactUrl(url: string): string {
  const [, scheme = '', login, path = '', query] = ADDRESS.exec(url) ?? [];
  if (scheme === '') return url;
  const key = streamKeyOf(scheme, path);
  const shown = key === undefined ? path : `${path.slice(0, -key.length)}${HIDDEN}`;
  return `${scheme}://${login === undefined ? '' : '***@'}${shown}${query === undefined ? '' : '?***'}`;
}

function secretsOf(url: string): string[] {
  const [, scheme = '', login = '', path = '', query = ''] = ADDRESS.exec(url) ?? [];
  const [user = '', ...password] = login.split(':');
  const values = query.split(/[&;]/).map((pair) => pair.slice(pair.indexOf('=') + 1));
  return [
    ...[user, password.join(':'), streamKeyOf(scheme, path) ?? '', query],
    ...values.filter(({ length }) => length >= MIN_QUERY_SECRET),
  ];
}

/** `host/app/KEY`, or `host/app/instance/KEY`. */
function streamKeyOf(scheme: string, path: string): string | undefined {
  if (!/^rtmp/i.test(scheme)) return undefined;
  const [, key] = /^[^/]*\/[^/]+\/(?:.*\/)?([^/]+)$/s.exec(path) ?? [];
  return key;
}

/** As written, decoded, and encoded. */
function forms(secret: string): string[] {
  if (secret === '') return [];
  try {
    const plain = decodeURIComponent(secret);
    return [secret, plain, encodeURI(plain), encodeURIComponent(plain)];
  } catch {
    return [secret];
  }
}

function patternOf(secret: string): RegExp {
  const literal = secret.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return secret.length < DISTINCT_LENGTH
    ? new RegExp(`(?<![A-Za-z0-9])${literal}(?![A-Za-z0-9])`, 'g')
    : new RegExp(literal, 'g');
}
