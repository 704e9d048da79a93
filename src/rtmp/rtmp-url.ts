import { BulkheadError, ErrorCodes } from '../protocol/errors.js';

/** What a streamer gives: an address with or without the key, and a login. All of it may be secret. */
export interface RtmpAddress {
  /** `rtmp://HOST[:PORT]/APP`, or with `/KEY` behind it when `key` is not given; `rtmps` for TLS. */
  readonly url: string;
  readonly key?: string | undefined;
  readonly username?: string | undefined;
  readonly password?: string | undefined;
}

/** An address taken apart: where and as whom to publish. */
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

const ADDRESS =
  /^(?<scheme>rtmps?):\/\/(?:(?<user>[^/@]*)@)?(?<host>\[[0-9a-f:.%]+\]|[^/:?#@[\]\s]+)(?::(?<port>\d{1,5}))?\/(?<path>\S*)$/i;

const DEFAULT_PORT = { rtmp: 1935, rtmps: 443 } as const;

/**
 * Takes an address apart. With a `key`, the whole path is the app, as streaming programs have "server" and "stream
 * key"; without one, the last segment of the path is the key. A query belongs to what it follows. White space around
 * the address and the key goes, since both are pasted. Nothing is percent-decoded but user name and password.
 *
 * @throws {BulkheadError} `config.invalid`, in words that show no secret
 */
export function parseRtmpAddress(address: RtmpAddress, where: string): RtmpUrl {
  const match = ADDRESS.exec(address.url.trim())?.groups;
  if (match === undefined) {
    throw invalid(where, 'the address of the output is not one of an RTMP server', EXAMPLE);
  }
  const scheme = (match['scheme'] ?? '').toLowerCase() === 'rtmps' ? 'rtmps' : 'rtmp';
  const port = match['port'] === undefined ? DEFAULT_PORT[scheme] : Number(match['port']);
  if (port < 1 || port > 65535) throw invalid(where, `there is no port ${port}`, 'Ports are 1 to 65535.');

  const { app, streamKey } = splitPath(match['path'] ?? '', address.key?.trim());
  if (app === '') throw invalid(where, 'the address of the output names no application', EXAMPLE);
  if (streamKey === '') {
    throw invalid(where, 'the output has no stream key', 'Set its "key", or put it behind the address.');
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

/** The address as it may be shown: without key, user name, password, or a query, which may be as secret. */
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
