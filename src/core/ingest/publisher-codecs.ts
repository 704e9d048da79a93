import { isVideoFrameKind } from '../../media/stream-tag.js';
import { avcConfigOf, videoCodecOf } from '../../media/video-payload.js';
import type { EpochTag } from '../timeline/epoch.js';

/** That some live server takes: others have not been played since Flash. */
const PASSED_ON: ReadonlySet<string | undefined> = new Set(['h264', 'hevc', 'vvc', 'av1', 'vp8', 'vp9']);
/** `configurationVersion` of every AVCDecoderConfigurationRecord (ISO/IEC 14496-15 5.3.3.1). */
const AVC_CONFIG_VERSION = 1;

/** Why the tag's video cannot be passed on, in words for the streamer; undefined where it can. */
export function videoProblem({ kind, payload }: Pick<EpochTag, 'kind' | 'payload'>): string | undefined {
  const isHeader = kind === 'video-header';
  if (!isHeader && !isVideoFrameKind(kind)) return undefined;
  const codec = videoCodecOf(payload);
  if (!PASSED_ON.has(codec)) {
    const name = codec === undefined ? '' : ` (${codec})`;
    return `the publisher sends video of a codec that no live server takes${name}`;
  }
  const config = isHeader ? avcConfigOf(payload) : undefined;
  // OBS 29 sends AV1 so to a server that it does not know.
  return config === undefined || config[0] === AVC_CONFIG_VERSION
    ? undefined
    : 'the publisher announces H.264 and sends another codec';
}
