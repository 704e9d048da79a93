import { BulkheadError, ErrorCodes } from '../protocol/errors.js';

/** An address from the configuration, with or without the key, and a login. All of it may be secret. */
export interface RtmpAddress {
  /** `rtmp://HOST[:PORT]/APP`, followed by `/KEY` if `key` is not given; `rtmps` for TLS. */
  readonly url: string;
  readonly key?: string | undefined;
  readonly username?: string | undefined;
  readonly password?: string | undefined;
}

/** A parsed address: where and as whom to publish. */
export interface RtmpUrl {
  readonly secure: boolean;
  /** A name or an address, IPv6 without brackets. */
  readonly host: string;
  readonly port: number;
  /** May have several segments and a query. */
  readonly app: string;
  /** May have a query. */
  readonly streamKey: string;
  /** The address without the key, for the `connect` command. */
  readonly tcUrl: string;
  readonly username: string | undefined;
  readonly password: string | undefined;
}

/** For editors, which check a configuration with its JSON Schema. */
export const RTMP_URL_PATTERN = '^[Rr][Tt][Mm][Pp][Ss]?://[^/\\s]+/\\S+$';

export const RTMP_SCHEMES = ['rtmp', 'rtmps'] as const;
/** Schemes of common addresses; other text is not repeated in errors, since it could be a key. */
const OTHER_SCHEMES = new Set(
  'srt rist rtsp rtsps rtp udp tcp http https whip file rtmpt rtmpe ws wss'.split(' '),
);
/** Types of the outputs that have addresses of other schemes. */
const OTHER_TYPES: Readonly<Record<string, string>> = {
  srt: 'srt',
  rist: 'rist',
  udp: 'udp',
  http: 'hls" or "whip',
  https: 'hls" or "whip',
};
const LOOPBACK = /^rtmps?:\/\/(?:[^/@]*@)?(?:localhost|127\.[\d.]+|\[::1\])[:/]/i;
const SCHEME = /^([a-z][a-z0-9+.-]*):\/\//i;
const PARTS =
  /^(?<scheme>rtmps?):\/\/(?:(?<user>[^/@]*)@)?(?<host>\[[^\]/]*\]|[^/:]*)(?::(?<port>[^/]*))?(?:\/(?<path>.*))?$/i;
const HOST = /^(?:\[[0-9a-f:.%]+\]|[^?#@[\]]+)$/i;
const FORM = 'expected rtmp://HOST/APP/KEY or rtmps://HOST/APP/KEY';

const DEFAULT_PORT = { rtmp: 1935, rtmps: 443 } as const;

/**
 * Parses an address. With a `key`, the whole path is the app, like "server" and "stream key" in streaming programs;
 * without one, the last segment of the path is the key. A query belongs to the part before it. White space around
 * the address and the key is removed, since both are often pasted. Only user name and password are percent-decoded.
 *
 * @throws {BulkheadError} `config.invalid`, without secrets in the message
 */
export function parseRtmpAddress(address: RtmpAddress, where: string): RtmpUrl {
  const url = address.url.trim();
  const problem = findRtmpUrlProblem(url);
  if (problem !== undefined) throw invalid(where, `not the address of an RTMP server: ${problem}`, EXAMPLE);
  const match = PARTS.exec(url)?.groups ?? {};
  const scheme = match['scheme']?.toLowerCase() === 'rtmps' ? 'rtmps' : 'rtmp';
  const port = match['port'] === undefined ? DEFAULT_PORT[scheme] : Number(match['port']);
  const { app, streamKey } = splitPath(match['path'] ?? '', address.key?.trim());
  if (app === '') throw invalid(where, 'the address of the output names no application', EXAMPLE);
  if (streamKey === '') {
    throw invalid(where, 'the output has no stream key', 'Set its "key", or append it to the address.');
  }

  const user = match['user']?.split(':');
  const hostText = match['host'] ?? '';
  const portText = port === DEFAULT_PORT[scheme] ? '' : `:${port}`;
  return {
    secure: scheme === 'rtmps',
    host: hostText.replace(/^\[(.*)\]$/, '$1'),
    port,
    app,
    streamKey,
    tcUrl: `${scheme}://${hostText}${portText}/${app}`,
    username: address.username ?? decoded(user?.[0]),
    password: address.password ?? decoded(user?.slice(1).join(':')),
  };
}

/** What is wrong with an address; undefined if it is valid. The message contains nothing that may be secret. */
export function findRtmpUrlProblem(text: string): string | undefined {
  const url = text.trim();
  const scheme = SCHEME.exec(url)?.[1]?.toLowerCase();
  if (scheme === undefined) return `${FORM}, got text that does not begin with rtmp:// or rtmps://`;
  if (scheme !== 'rtmp' && scheme !== 'rtmps') {
    return OTHER_SCHEMES.has(scheme)
      ? OTHER_TYPES[scheme] === undefined
        ? `${FORM}; outputs of addresses with ${scheme}:// are not supported`
        : `this address begins with ${scheme}://: add "type": "${OTHER_TYPES[scheme]}" to the output`
      : `${FORM}, got another kind of address`;
  }
  if (/\s/.test(url)) {
    return 'expected an address without spaces; a stream key that has some goes into "key" of a configuration file';
  }
  const { host = '', port, path = '' } = PARTS.exec(url)?.groups ?? {};
  if (host === '') return `${FORM}, got one without a host`;
  if (port !== undefined && !isPort(port)) {
    return /^\d{1,6}$/.test(port)
      ? `expected a port from 1 to 65535, got ${port}`
      : 'expected a port from 1 to 65535 after the colon that follows the host';
  }
  if (path.replace(/^\/+/, '') === '') return `${FORM}, got no application after the host`;
  if (!HOST.test(host) || !URL.canParse(url)) return `${FORM}, got an address with a host that cannot be one`;
  return undefined;
}

/** Whether the server is on this machine. */
export function isLoopbackUrl(url: string): boolean {
  return LOOPBACK.test(url);
}

function isPort(text: string): boolean {
  return /^\d{1,5}$/.test(text) && Number(text) >= 1 && Number(text) <= 65535;
}

/** The address for display: without key, user name, password, and query, which may be secret as well. */
export function displayUrl({ tcUrl }: RtmpUrl): string {
  const [shown = '', query] = tcUrl.split('?', 2);
  return `${shown.replace(/\/$/, '')}${query === undefined ? '' : '?***'}/***`;
}

const EXAMPLE = 'Write rtmp://HOST/APP or rtmps://HOST/APP, for example rtmps://live.example.com/app.';

function splitPath(path: string, key: string | undefined): { app: string; streamKey: string } {
  if (key !== undefined) return { app: path.replace(/\/+$/, ''), streamKey: key };
  const queryAt = path.indexOf('?');
  const slash = path.lastIndexOf('/', queryAt === -1 ? path.length : queryAt);
  if (slash === -1) return { app: path, streamKey: '' };
  return { app: path.slice(0, slash), streamKey: path.slice(slash + 1) };
}

function decoded(text: string | undefined): string | undefined {
  if (text === undefined || text === '') return undefined;
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function invalid(where: string, message: string, remedy: string): BulkheadError {
  return new BulkheadError(ErrorCodes.configInvalid, message, { where, remedy });
}
