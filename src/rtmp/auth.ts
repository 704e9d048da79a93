import { createHash, randomBytes } from 'node:crypto';

/** A login for servers that ask for one by refusing `connect`. */
export interface Credentials {
  readonly username: string;
  readonly password: string;
}

/** What a refusal of `connect` means for the login. */
export type AuthChallenge =
  /** Not about a login. */
  | { readonly kind: 'none' }
  /** Connect again with this appended to the app and the tcUrl. */
  | { readonly kind: 'retry'; readonly query: string }
  /** The login was refused, or is not possible. */
  | { readonly kind: 'failed' };

/**
 * The Adobe and Limelight logins, as in librtmp: the first `connect` is refused with "need auth", the second, with
 * the user's name, is refused with a challenge, and the third has the response. Each is a separate connection.
 *
 * @param description of the refusal
 * @param app without any query of ours
 * @param sent what was appended to the app in the refused connection
 */
export function answerChallenge(
  description: string,
  credentials: Credentials | undefined,
  app: string,
  sent: string,
): AuthChallenge {
  const scheme = /authmod=(adobe|llnw)/.exec(description)?.[1];
  if (scheme === undefined) return { kind: 'none' };
  if (credentials === undefined) return { kind: 'failed' };

  const first = `?authmod=${scheme}&user=${credentials.username}`;
  if (description.includes('code=403 need auth')) {
    // Refused again with the user's name: the login is wrong.
    return sent === '' ? { kind: 'retry', query: first } : { kind: 'failed' };
  }
  const challenge = parameters(description);
  if (challenge.get('reason') !== 'needauth' || sent.includes('&response=')) return { kind: 'failed' };
  const response =
    scheme === 'adobe'
      ? adobeResponse(challenge, credentials)
      : limelightResponse(challenge, credentials, app);
  return { kind: 'retry', query: `${first}${response}` };
}

function adobeResponse(challenge: ReadonlyMap<string, string>, credentials: Credentials): string {
  const salt = challenge.get('salt') ?? '';
  const opaque = challenge.get('opaque') ?? '';
  const salted = md5(`${credentials.username}${salt}${credentials.password}`, 'base64');
  const own = randomBytes(4).toString('hex');
  const response = md5(`${salted}${opaque || (challenge.get('challenge') ?? '')}${own}`, 'base64');
  return `&challenge=${own}&response=${response}&opaque=${opaque}`;
}

/** Similar to HTTP digest authentication (RFC 2617) with the realm "live" and the method "publish". */
function limelightResponse(
  challenge: ReadonlyMap<string, string>,
  credentials: Credentials,
  app: string,
): string {
  const nonce = challenge.get('nonce') ?? '';
  const clientNonce = randomBytes(4).toString('hex');
  const count = '00000001';
  const path = app.split('?', 1)[0] ?? '';
  const instance = path.includes('/') ? '' : '/_definst_';
  const user = md5(`${credentials.username}:live:${credentials.password}`, 'hex');
  const resource = md5(`publish:/${path}${instance}`, 'hex');
  const response = md5(`${user}:${nonce}:${count}:${clientNonce}:auth:${resource}`, 'hex');
  return `&nonce=${nonce}&cnonce=${clientNonce}&nc=${count}&response=${response}`;
}

/** The parameters from `?reason=` on; base64 values contain equals signs too. */
function parameters(description: string): Map<string, string> {
  const query = description.slice(description.indexOf('?reason=') + 1).trim();
  return new Map(
    query.split('&').map((pair) => {
      const at = pair.indexOf('=');
      return at === -1 ? [pair, ''] : [pair.slice(0, at), pair.slice(at + 1)];
    }),
  );
}

function md5(text: string, encoding: 'hex' | 'base64'): string {
  return createHash('md5').update(text).digest(encoding);
}
