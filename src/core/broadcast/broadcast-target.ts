import type { AudioConfig, BroadcastConfig, VideoConfig } from '../../config/schema.js';
import { codecOf } from '../../config/video-codec.js';
import type { BroadcastTarget } from '../../protocol/plugin-broadcast.js';

/** Of the programme's sound, whatever its sources have. */
const SAMPLE_RATE = 48_000;
const CHANNELS = 2;

/** What a broadcast is encoded to; undefined for one that passes on what a publisher sends. */
export function targetOf({
  input,
  video,
  audio,
}: Pick<BroadcastConfig, 'input' | 'video' | 'audio'>): BroadcastTarget | undefined {
  return input.type === 'ingest' ? undefined : encodedTo({ video, audio });
}

/** What an encoder with these settings makes. */
export function encodedTo({
  video,
  audio,
}: {
  readonly video: VideoConfig;
  readonly audio: AudioConfig;
}): BroadcastTarget {
  const { width, height, fps, encoder, bitrateKbps } = video;
  return {
    video: { width, height, fps, codec: codecOf(encoder) ?? 'h264', encoder, bitrateKbps },
    audio: { codec: 'aac', bitrateKbps: audio.bitrateKbps, sampleRate: SAMPLE_RATE, channels: CHANNELS },
  };
}
