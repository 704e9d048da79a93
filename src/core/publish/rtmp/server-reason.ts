import type { StatusInfo } from '../../../rtmp/rtmp-connection.js';
import type { RtmpTarget } from './rtmp-target.js';

// A server that is broken, or not the intended one, may send the stream key back in any encoding and in pieces: no
// search for the key can find all of them. So only words of this list are shown of a server's text.

const WORDS = new Set(
  `about access account accepted active address allowed already another app application are attempt audio auth
  authentication authorization authorized bad bandwidth banned be been being bitrate blocked broadcast busy but by can cannot
  channel check client closed code codec command conflict connect connected connection could credentials date denied deny
  different disabled disallowed disconnected does duplicate duplicated enabled encoder ended error event exceeded exist exists
  expired failed failure few first for forbidden format found from full geo go goes had has have high http id idle in incorrect
  ingest internal invalid is it key kicked later left limit live login long low maintenance maximum media message method minutes
  missing must name need needed needs new no not now occupied of off offline ok on one only or other overloaded param parameter
  parameters password path payment permission permitted please publish published publisher publishing quota rate reached reason
  refused region registered reject rejected removed replaced request required retry revoked rtmp same seconds server servers service
  session sessions should shutdown shutting size slow start started status stop stopped stream streaming streams such supported suspended
  temporarily terminated than that the this time timeout timestamp to token too try type unable unauthorized unavailable
  unexpected unknown unpublish unpublished unsupported until url use used user username valid version video wait was were when
  with without wrong you your`.split(/\s+/),
);
const HTTP_STATUSES = new Set('400 401 403 404 408 409 410 423 429 500 502 503 504'.split(' '));

/** NetConnection and NetStream codes (Adobe's ActionScript 3 reference, and Enhanced RTMP's). */
const CODES = new Set([
  ...[
    'Failed',
    'Rejected',
    'InvalidApp',
    'AppShutdown',
    'Closed',
    'Success',
    'IdleTimeout',
    'NetworkChange',
  ].map((name) => `NetConnection.Connect.${name}`),
  ...['Failed', 'BadVersion', 'Prohibited'].map((name) => `NetConnection.Call.${name}`),
  ...['BadName', 'Denied', 'Rejected', 'Failed', 'Unauthorized', 'Idle', 'Start'].map(
    (name) => `NetStream.Publish.${name}`,
  ),
  ...['Failed', 'Connect.Failed', 'Connect.Rejected', 'Connect.Closed', 'Unpublish.Success'].map(
    (name) => `NetStream.${name}`,
  ),
]);

/** How much of a server's text is examined, characters. */
const MAX_TEXT = 400;
const MAX_WORDS = 24;
/**
 * A sequence of this many characters of a secret must not be shown, even by coincidence; for a shorter secret, the whole
 * of it.
 */
const MAX_RUN = 5;

/** A server's reason, reduced to known words and codes; `…` replaces the rest. */
export class ServerReasons {
  private readonly secrets: readonly string[];

  constructor(target: RtmpTarget) {
    this.secrets = secretsOf(target);
  }

  of({ code, description }: StatusInfo): string {
    if (code === '' && description === '') return 'no reason given';
    const parts = [CODES.has(code) ? code : '', knownWords(description)].filter((part) => part !== '');
    const shown = parts.join(' – ');
    return shown === '' || holdsSecret(shown, this.secrets)
      ? 'its reason is not shown, since it may hold the stream key'
      : shown;
  }
}

/**
 * Whether a text has a piece of a secret in it. A secret can consist of known words: "my-live-stream".
 *
 * @param piece characters of a piece; half of the secret if undefined
 */
export function holdsSecret(text: string, secrets: readonly string[], piece?: number): boolean {
  const shown = normalized(text);
  return secrets.map(normalized).some((secret) => {
    const run = Math.min(secret.length, piece ?? Math.max(MAX_RUN, Math.ceil(secret.length / 2)));
    for (let at = 0; run > 0 && at + run <= secret.length; at++) {
      if (shown.includes(secret.slice(at, at + run))) return true;
    }
    return false;
  });
}

/** In lower case, since the case of letters could encode a secret too. Empty if there is no known word. */
function knownWords(text: string): string {
  const words: string[] = [];
  for (const [token] of text.slice(0, MAX_TEXT).matchAll(/[\p{L}\p{N}\p{M}_]+/gu)) {
    const word = token.toLowerCase();
    const known = WORDS.has(word) || HTTP_STATUSES.has(word);
    if (known) words.push(word);
    else if (words.at(-1) !== '…') words.push('…');
    if (words.length === MAX_WORDS) break;
  }
  return words.some((word) => word !== '…') ? words.join(' ') : '';
}

function normalized(text: string): string {
  return text.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, '');
}

/** Key, values of queries, user name and password. */
export function secretsOf({ streamKey, app, username, password }: RtmpTarget): string[] {
  const [keyName = '', keyQuery = ''] = split(streamKey);
  const [, appQuery = ''] = split(app);
  return [streamKey, keyName, ...values(keyQuery), ...values(appQuery), username, password].filter(
    (secret) => secret !== undefined && normalized(secret) !== '',
  ) as string[];
}

function split(text: string): [string, string] {
  const at = text.indexOf('?');
  return at === -1 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}

function values(query: string): string[] {
  return query.split('&').map((pair) => pair.slice(pair.indexOf('=') + 1));
}
