import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import { isLoopbackAddress } from '../base/loopback.js';
import type { KeyHash } from '../protocol/live-server.js';
import { isKey } from './stream-key.js';

const TOO_LONG = 200;

/**
 * Whether the request's Host header names this server. A page of another site whose name resolves to this machine (DNS
 * rebinding) names that site.
 */
export function isOwnName(host: string | undefined): boolean {
  if (host === undefined) return true;
  const name = /^(\[[^\]]*\]|[^:]*)(:\d+)?$/.exec(host)?.[1];
  return (
    name !== undefined && (name.toLowerCase() === 'localhost' || isIP(name.replace(/^\[|\]$/g, '')) !== 0)
  );
}

/** Whether it was not sent by a page of another site. Programs other than browsers send no origin. */
export function isSameOrigin({ headers: { origin, host } }: IncomingMessage): boolean {
  return origin === undefined || origin === `http://${host}`;
}

/** Whether the request has the token that viewers need, if one is needed. */
export function hasToken(request: IncomingMessage, token: KeyHash | undefined): boolean {
  return token === undefined || hasKey(request.url?.split('?', 2)[1] ?? '', 'token', token);
}

/** Whether a player by RTMP gets the stream: this machine's own do, others with the token that viewers need. */
export function mayPlay(address: string, query: string, token: KeyHash | undefined): boolean {
  return isLoopbackAddress(address) || (token !== undefined && hasKey(query, 'token', token));
}

/** Whether a query gives the key under this name, once. */
export function hasKey(query: string, name: string, key: KeyHash): boolean {
  const given = new URLSearchParams(query).getAll(name);
  const [only = ''] = given;
  return given.length === 1 && only.length <= TOO_LONG && isKey(key, only);
}
