/** For editors, which check a configuration by its JSON Schema. */
export const OUTPUT_URL_PATTERN = '^[Rr][Tt][Mm][Pp][Ss]?://[^/\\s]+/\\S+$';

const SCHEME = /^([a-z][a-z0-9+.-]*):\/\//i;
/** Schemes of addresses that people have at hand; no other text is repeated, since it could be a key. */
const KNOWN_SCHEMES = new Set([
  'srt',
  'rist',
  'rtsp',
  'rtsps',
  'rtp',
  'udp',
  'tcp',
  'http',
  'https',
  'whip',
  'file',
  'rtmpt',
  'rtmpe',
  'ws',
  'wss',
]);
const PARTS = /^rtmps?:\/\/(?:[^/@]*@)?(?<host>\[[^\]/]*\]|[^/:]*)(?::(?<port>[^/]*))?(?:\/(?<path>.*))?$/i;
const HOST = /^(?:\[[0-9a-f:.%]+\]|[^?#@[\]]+)$/i;
const FORM = 'expected rtmp://HOST/APP/KEY or rtmps://HOST/APP/KEY';

/**
 * What is wrong with the address of an output; undefined when nothing is. What it says repeats nothing that may be secret.
 */
export function findOutputUrlProblem(text: string): string | undefined {
  const url = text.trim();
  const scheme = SCHEME.exec(url)?.[1]?.toLowerCase();
  if (scheme === undefined) return `${FORM}, got text that does not begin with rtmp:// or rtmps://`;
  if (scheme !== 'rtmp' && scheme !== 'rtmps') {
    return KNOWN_SCHEMES.has(scheme)
      ? `${FORM}: outputs are RTMP servers, and this address begins with ${scheme}://`
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

function isPort(text: string): boolean {
  return /^\d{1,5}$/.test(text) && Number(text) >= 1 && Number(text) <= 65535;
}
