import type { FfmpegCapabilities } from '../ffmpeg-capabilities.js';

/** A source that sends nothing for this long is lost, µs. ffmpeg retries a few times before it reports that. */
const SOURCE_TIMEOUT_US = 3_000_000;

/** libavformat's major version from which rtsp's `timeout` is a timeout; before, it means "listen". */
const RTSP_TIMEOUT_SINCE = 59;

/**
 * The protocols that what an address sends may refer to. Without such a list, a server could send a playlist of files of this
 * computer, and they would be on air. For http, which has playlists of its own, ffmpeg has a list without files.
 */
const PROTOCOLS: Readonly<Record<string, string>> = {
  rtmp: 'rtmp,tcp',
  rtmps: 'rtmps,tls,tcp',
  rtsp: 'rtsp,rtp,srtp,udp,tcp',
  rtsps: 'rtsps,rtp,srtp,udp,tls,tcp',
  srt: 'srt',
  udp: 'udp',
  tcp: 'tcp',
};

/** Options before `-i` for an address: detected quickly, and closed when silent. */
export function urlOptions(url: string, capabilities: FfmpegCapabilities | undefined): string[] {
  const timeout = String(SOURCE_TIMEOUT_US);
  const options = waitingOptions(url);
  switch (schemeOf(url)) {
    case 'rtsp':
    case 'rtsps': {
      const modern = (capabilities?.libavformatMajor ?? RTSP_TIMEOUT_SINCE) >= RTSP_TIMEOUT_SINCE;
      return [...options, '-rtsp_transport', 'tcp', modern ? '-timeout' : '-stimeout', timeout];
    }
    case 'udp':
      return [...options, '-timeout', timeout];
    default:
      return [...options, '-rw_timeout', timeout];
  }
}

/** The same for an address that sends nothing for as long as nothing is published. */
export function waitingOptions(url: string): string[] {
  const allowed = PROTOCOLS[schemeOf(url)];
  return [
    ...(allowed === undefined ? [] : ['-protocol_whitelist', allowed]),
    // The frame rate is set by us: detecting the source's takes a second.
    ...['-fpsprobesize', '0'],
  ];
}

function schemeOf(url: string): string {
  return /^[a-z]+/i.exec(url)?.[0].toLowerCase() ?? '';
}
