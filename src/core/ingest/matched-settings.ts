import type { EncodeSettings } from '../../config/encode-settings.js';
import { parseAacHeader } from '../../media/aac.js';
import { parseAvcConfig } from '../../media/sps.js';
import { avcConfigOf } from '../../media/video-payload.js';
import type { SeenHeaders } from './publisher-session.js';
import type { StreamMeasures } from './stream-meter.js';

/** `profile_idc` of the profiles below High (H.264 A.2). */
const BASELINE = 66;
const MAIN = 77;
const MAX_FPS = 120;

/**
 * Encoder settings that match the given stream for servers and viewers: frame size and rate, H.264 profile and AAC
 * configuration. Without B-frames, whose number is in no header.
 *
 * @param base all other settings: the source, the encoder, the maximum bitrate
 * @returns undefined for a stream that is not H.264: then its last keyframe is repeated instead
 */
export function matchedSettings(
  base: EncodeSettings,
  { video, audio }: SeenHeaders,
  { fps, bitrateKbps }: StreamMeasures,
): EncodeSettings | undefined {
  const config = video === undefined ? undefined : avcConfigOf(video);
  const sps = config === undefined ? undefined : parseAvcConfig(config);
  if (sps === undefined || sps.width % 2 === 1 || sps.height % 2 === 1) return undefined;
  return {
    ...base,
    video: {
      ...base.video,
      width: sps.width,
      height: sps.height,
      fps: Math.min(MAX_FPS, sps.fps ?? (fps === undefined ? base.video.fps : Math.max(1, Math.round(fps)))),
      bitrateKbps: bitrateKbps > 0 ? Math.min(base.video.bitrateKbps, bitrateKbps) : base.video.bitrateKbps,
      profile: sps.profile === BASELINE ? 'baseline' : sps.profile === MAIN ? 'main' : 'high',
      tune: 'zerolatency',
      bFrames: 0,
      lookahead: 0,
    },
    audio: { ...base.audio, ...matchedAudio(audio) },
  };
}

function matchedAudio(header: Buffer | undefined): Partial<EncodeSettings['audio']> {
  const format = header === undefined ? undefined : parseAacHeader(header);
  const { sampleRate, channels, silence } = format ?? {};
  // Only AAC-LC has a silent frame, and only that can be matched.
  const isMatched = silence !== undefined && (channels === 1 || channels === 2);
  return isMatched ? { sampleRate, channels } : {};
}
