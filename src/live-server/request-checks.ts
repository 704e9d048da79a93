import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import type { KeyHash } from '../protocol/live-server.js';
import { isKey } from './stream-key.js';

const TOO_LONG = 200;

/**
 * Whether the request names this server in a way that no other site can. A page of another site that had its name point
 * here (DNS rebinding) names that site.
 */
export function isOwnName(host: string | undefined): boolean {
  if (host === undefined) return true;
  const name = /^(\[[^\]]*\]|[^:]*)(:\d+)?$/.exec(host)?.[1];
  return (
    name !== undefined && (name.toLowerCase() === 'localhost' || isIP(name.replace(/^\[|\]$/g, '')) !== 0)
  );
}

/** Whether no page of another site has sent it. What is no browser sends no origin. */
export function isSameOrigin({ headers: { origin, host } }: IncomingMessage): boolean {
  return origin === undefined || origin === `http://${host}`;
}

/** Whether the request carries the token that viewers need, where they need one. */
export function hasToken(request: IncomingMessage, token: KeyHash | undefined): boolean {
  if (token === undefined) return true;
  const given = new URLSearchParams(request.url?.split('?', 2)[1] ?? '').getAll('token');
  const [only = ''] = given;
  return given.length === 1 && only.length <= TOO_LONG && isKey(token, only);
}
