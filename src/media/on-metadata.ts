import { version } from '../version.js';
import { Amf0Error, isAmf0Object, readAmf0, writeAmf0, writeEcmaArray } from './amf0.js';

/** What a stream says of itself before its first frame. */
export interface StreamDescription {
  /** Pixels. */
  readonly width: number;
  readonly height: number;
  readonly fps: number;
  readonly codec: 'h264' | 'hevc' | 'av1';
  readonly videoKbps: number;
  readonly audioKbps: number;
  /** Hz */
  readonly sampleRate: number;
  readonly channels: number;
}

const AVC = 7;
const AAC = 10;
/** Enhanced RTMP names a codec by its FourCC as a number. */
const VIDEO_CODECS = { h264: AVC, hevc: fourCc('hvc1'), av1: fourCc('av01') };
const SAMPLE_BITS = 16;

/**
 * The body of the tag with `onMetaData`. Platforms show it to the streamer, and check it: a bitrate that is too high, a frame rate.
 *
 * @see FLV specification 10.1 E.5, Enhanced RTMP v2 "Enhancing onMetaData".
 */
export function onMetadata(stream: StreamDescription): Buffer {
  const { width, height, fps, codec, videoKbps, audioKbps, sampleRate, channels } = stream;
  const values = writeEcmaArray({
    width,
    height,
    framerate: fps,
    videocodecid: VIDEO_CODECS[codec],
    videodatarate: videoKbps,
    audiocodecid: AAC,
    audiodatarate: audioKbps,
    audiosamplerate: sampleRate,
    audiosamplesize: SAMPLE_BITS,
    audiochannels: channels,
    stereo: channels > 1,
    encoder: `Bulkhead ${version}`,
  });
  return Buffer.concat([writeAmf0('onMetaData'), values]);
}

/** Frames per second as such a body says it; undefined if it does not, or cannot be read. */
export function frameRateOf(metadata: Buffer): number | undefined {
  try {
    const [, values] = readAmf0(metadata);
    const rate = values !== undefined && isAmf0Object(values) ? values['framerate'] : undefined;
    return typeof rate === 'number' && rate >= 1 && rate <= MAX_FPS ? rate : undefined;
  } catch (error) {
    if (error instanceof Amf0Error) return undefined;
    throw error;
  }
}

const MAX_FPS = 1000;

function fourCc(name: string): number {
  return Buffer.from(name, 'latin1').readUInt32BE();
}
