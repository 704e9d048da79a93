import type { RtmpTarget } from './output-url.js';

const HIDDEN = '***';
/** A secret shorter than this may be part of an ordinary word: it is hidden only where it stands alone. */
const DISTINCT_LENGTH = 8;

/** Takes a target's secrets (key, values of queries, user name, password) out of text that others made. */
export class Redactor {
  private readonly secrets: RegExp[];

  constructor(target: RtmpTarget) {
    this.secrets = secretsOf(target).map(patternOf);
  }

  redact(text: string): string {
    return this.secrets.reduce((shown, secret) => shown.replace(secret, HIDDEN), text);
  }
}

function secretsOf({ streamKey, app, username, password }: RtmpTarget): string[] {
  const [keyName = '', keyQuery = ''] = split(streamKey);
  const [, appQuery = ''] = split(app);
  const secrets = new Set<string>();
  for (const secret of [streamKey, keyName, ...values(keyQuery), ...values(appQuery), username, password]) {
    if (secret === undefined || secret === '') continue;
    for (const form of [secret, encodeURI(secret), encodeURIComponent(secret)]) secrets.add(form);
  }
  // A longer one first: it may hold a shorter one.
  return [...secrets].sort((a, b) => b.length - a.length);
}

function split(text: string): [string, string] {
  const at = text.indexOf('?');
  return at === -1 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}

function values(query: string): string[] {
  return query.split('&').map((pair) => pair.slice(pair.indexOf('=') + 1));
}

function patternOf(secret: string): RegExp {
  const literal = secret.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return secret.length < DISTINCT_LENGTH
    ? new RegExp(`(?<![A-Za-z0-9])${literal}(?![A-Za-z0-9])`, 'g')
    : new RegExp(literal, 'g');
}
