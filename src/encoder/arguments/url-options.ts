import type { FfmpegCapabilities } from '../ffmpeg-capabilities.js';

/** A source that says nothing for so long is gone, µs. ffmpeg tries a few times before it says so. */
const SOURCE_TIMEOUT_US = 3_000_000;

/** libavformat's major version from which on rtsp's `timeout` is what it says; it means "listen" before. */
const RTSP_TIMEOUT_SINCE = 59;

/** How long to look for the one track of a source that is known to have but one, µs; a keyframe comes within that. */
const ONE_TRACK_ANALYSIS_US = 3_000_000;

/**
 * Options before `-i` of an address: found quickly, read at its pace, and given up when it has gone silent.
 *
 * @param hasOneTrack whether it is known to lack video or sound: ffmpeg would wait 5 s for the other to come
 */
export function urlOptions(
  url: string,
  capabilities: FfmpegCapabilities | undefined,
  hasOneTrack: boolean,
): string[] {
  const scheme = /^[a-z]+/i.exec(url)?.[0].toLowerCase() ?? '';
  const timeout = String(SOURCE_TIMEOUT_US);
  // The frame rate is ours to set: looking for the source's takes a second. A shorter analysis would miss a frame that
  // begins with the next keyframe.
  const quick = [
    ...['-fpsprobesize', '0'],
    ...(hasOneTrack ? ['-analyzeduration', String(ONE_TRACK_ANALYSIS_US)] : []),
  ];
  switch (scheme) {
    case 'rtsp':
    case 'rtsps': {
      const modern = (capabilities?.libavformatMajor ?? RTSP_TIMEOUT_SINCE) >= RTSP_TIMEOUT_SINCE;
      return [...quick, '-rtsp_transport', 'tcp', modern ? '-timeout' : '-stimeout', timeout];
    }
    case 'udp':
      return [...quick, '-timeout', timeout];
    case 'http':
    case 'https':
      // A recording on the web comes as fast as the line is; a live one is not held back by this.
      return [...quick, '-rw_timeout', timeout, '-re'];
    default:
      return [...quick, '-rw_timeout', timeout];
  }
}
