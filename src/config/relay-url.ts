/** Schemes of outputs that relays send to a host and a port. */
export type RelayScheme = 'srt' | 'rist' | 'udp';

/** For editors, which check a configuration with its JSON Schema. */
export const RELAY_URL_PATTERN: Readonly<Record<RelayScheme, string>> = {
  srt: '^[Ss][Rr][Tt]://[^/\\s?#@]*:[0-9]+/?$',
  rist: '^[Rr][Ii][Ss][Tt]://[^/\\s?#@]+:[0-9]+/?$',
  udp: '^[Uu][Dd][Pp]://[^/\\s?#@]+:[0-9]+/?$',
};

const PARTS = /^([a-z][a-z0-9+.-]*):\/\/(\[[0-9a-f:.%]+\]|[^/:?#@[\]\s]*):(\d{1,6})\/?$/i;
const ANY_ADDRESS = '0.0.0.0';

export interface HostPort {
  /** A name or an address, IPv6 without brackets. */
  readonly host: string;
  readonly port: number;
}

/** @param url without a problem */
export function parseRelayUrl(url: string): HostPort {
  const [, , host = '', port] = PARTS.exec(url.trim()) ?? [];
  return { host: host.replace(/^\[(.*)\]$/, '$1') || ANY_ADDRESS, port: Number(port) };
}

/** What is wrong with an address; undefined if it is valid. The message contains nothing that may be secret. */
export function findRelayUrlProblem(
  text: string,
  scheme: RelayScheme,
  canListen: boolean,
): string | undefined {
  const url = text.trim();
  const form = `expected ${scheme}://HOST:PORT`;
  if (!url.toLowerCase().startsWith(`${scheme}://`)) return `${form}, got another kind of address`;
  if (url.includes('@')) return `${form}, got one with a login`;
  if (url.includes('?')) {
    const settings = {
      srt: '"mode", "latencyMs", "key" (the stream id) and "passphrase"',
      rist: '"profile", "bufferMs" and "passphrase"',
      udp: '"ttl"',
    };
    return `${form} without options: write them as ${settings[scheme]} beside "url"`;
  }
  const [, , host, port = ''] = PARTS.exec(url) ?? [];
  if (host === undefined) return `${form}, such as ${scheme}://192.0.2.7:9000`;
  if (host === '' && !canListen) return `${form}, got one without a host`;
  return Number(port) >= 1 && Number(port) <= 65_535
    ? undefined
    : `expected a port from 1 to 65535, got ${port}`;
}

/** The same of the address of a playlist to upload. */
export function findHttpUrlProblem(text: string): string | undefined {
  const form = 'expected http://HOST/PATH/NAME.m3u8 or https://HOST/PATH/NAME.m3u8';
  if (!/^https?:\/\//i.test(text.trim())) return `${form}, got another kind of address`;
  // A key takes the place of "{key}" later.
  if (/\s/.test(text.trim()) || !URL.canParse(text.replaceAll('{key}', 'key')))
    return `${form}, got no valid address`;
  const { username, password } = new URL(text.replaceAll('{key}', 'key'));
  if (username !== '' || password !== '') {
    return 'expected an address without a login: write it as "username" and "password"';
  }
  return /[^/=&?#]\.m3u8/i.test(text) ? undefined : `${form}, got one without the name of a playlist`;
}

/** The same of the address of a WHIP endpoint. */
export function findWhipUrlProblem(text: string): string | undefined {
  const form = 'expected https://HOST/PATH or http://HOST/PATH';
  if (!/^https?:\/\//i.test(text.trim())) return `${form}, got another kind of address`;
  // A key takes the place of "{key}" later.
  if (/\s/.test(text.trim()) || !URL.canParse(text.replaceAll('{key}', 'key')))
    return `${form}, got no valid address`;
  const { username, password } = new URL(text.replaceAll('{key}', 'key'));
  return username !== '' || password !== ''
    ? 'expected an address without a login: write the token as "key"'
    : undefined;
}

/**
 * What an address on the command line says of an output: its type, and the address or the folder. An address that names none of
 * them is one of RTMP.
 */
export function outputOfAddress(address: string): { type?: string; url?: string; folder?: string } {
  const text = address.trim();
  const [, scheme = ''] = /^([a-z+]+):/i.exec(text) ?? [];
  switch (scheme.toLowerCase()) {
    case 'srt':
    case 'rist':
    case 'udp':
      return { type: scheme.toLowerCase(), url: text };
    case 'http':
    case 'https':
      return { type: 'hls', url: text };
    case 'hls':
      return { type: 'hls', folder: text.slice('hls:'.length) };
    case 'whip+http':
    case 'whip+https':
      return { type: 'whip', url: text.slice('whip+'.length) };
    default:
      return { url: text };
  }
}
