import { parseAacHeader } from '../aac.js';
import { av1FrameSize, CONFIG_FIELDS } from '../av1.js';
import { parameterSetsOf, withParameterSets } from '../avc.js';
import { hevcFrameSize, withHevcParameterSets } from '../hevc.js';
import { parseAvcConfig } from '../sps.js';
import { carrierOf, type StreamTag } from '../stream-tag.js';
import { readPacket } from './packets.js';

/** A track as a file describes it. */
export interface TrackFormat {
  readonly kind: 'video' | 'audio';
  /** 0 for the main track; otherwise its number, as in {@link StreamTag}. */
  readonly track: number;
  readonly codec: 'h264' | 'hevc' | 'av1' | 'aac';
  /** avcC, hvcC, av1C or AudioSpecificConfig. */
  readonly config: Buffer;
  /** Pixels; 0 for sound. */
  readonly width: number;
  readonly height: number;
  /** Of a frame, ms, nominal; undefined if the stream does not say. */
  readonly frameMs: number | undefined;
  /** Hz; 0 for video. */
  readonly sampleRate: number;
  readonly channels: number;
  /** For editors and players. */
  readonly name?: string | undefined;
}

/** Names of audio tracks, by their numbers. */
export type TrackNames = Readonly<Record<number, string>>;

/** The numbers of tracks in a file, so that the tracks of a file that is read again are known by them. */
export const FIRST_NUMBER = { video: 1, audio: 17 } as const;

export function numberOf({ kind, track }: Pick<TrackFormat, 'kind' | 'track'>): number {
  return FIRST_NUMBER[kind] + track;
}

/** The reverse of {@link numberOf}. */
export function trackOfNumber(number: number): Pick<TrackFormat, 'kind' | 'track'> {
  const kind = number < FIRST_NUMBER.audio ? 'video' : 'audio';
  return { kind, track: number - FIRST_NUMBER[kind] };
}

/** @returns undefined if the tag is no header, or its codec is none that recordings have */
export function formatOfHeader(tag: StreamTag): TrackFormat | undefined {
  const packet = readPacket(tag);
  const kind = carrierOf(tag.kind);
  if (packet?.isHeader !== true || packet.codec === undefined || kind === 'metadata') return undefined;
  return formatOf(kind, tag.track ?? 0, packet.codec, Buffer.from(packet.data));
}

/** @returns undefined if the configuration cannot be read, or is none that recordings have */
export function formatOf(
  kind: 'video' | 'audio',
  track: number,
  codec: string,
  config: Buffer,
): TrackFormat | undefined {
  const format = readFormat(kind, track, codec, config);
  if (format === undefined || kind !== (format.codec === 'aac' ? 'audio' : 'video')) return undefined;
  const { width, height } = format;
  const isValid =
    kind === 'audio' || (width > 0 && height > 0 && width <= MAX_PIXELS && height <= MAX_PIXELS);
  return isValid ? format : undefined;
}

/** Of a frame that a file's description says; undefined if it cannot be right. */
export function validFrameMs(ms: number): number | undefined {
  return ms >= 1 && ms <= 1000 ? ms : undefined;
}

/** Of a frame's width or height: files have 16 bits for it. */
const MAX_PIXELS = 16_384;

function readFormat(
  kind: 'video' | 'audio',
  track: number,
  codec: string,
  config: Buffer,
): TrackFormat | undefined {
  const video = { kind, track, config, sampleRate: 0, channels: 0 };
  switch (codec) {
    case 'h264': {
      const sps = parseAvcConfig(config);
      if (sps === undefined) return undefined;
      const frameMs = sps.fps === undefined ? undefined : 1000 / sps.fps;
      return { ...video, codec, width: sps.width, height: sps.height, frameMs };
    }
    case 'hevc': {
      const size = hevcFrameSize(config);
      return size && { ...video, codec, ...size, frameMs: undefined };
    }
    case 'av1': {
      const size = av1FrameSize(config);
      return size && { ...video, codec, ...size, frameMs: undefined };
    }
    case 'aac': {
      const { sampleRate, channels, frameMs } = parseAacHeader(Buffer.concat([AAC_HEADER, config]));
      if (sampleRate === undefined || channels === undefined) return undefined;
      return { kind, track, codec, config, width: 0, height: 0, frameMs, sampleRate, channels };
    }
    default:
      return undefined;
  }
}

const AAC_HEADER = Buffer.from([0xaf, 0]);
/** H.264's profiles of 8 bits and 4:2:0, which every decoder of the last of them decodes. */
const COMMON_AVC_PROFILES: readonly number[] = [66, 77, 88, 100];

/** Whether a player that has begun with the first format can go on with the second, whose parameters are in its keyframes. */
export function canFollow(first: TrackFormat, second: TrackFormat): boolean {
  return (
    first.codec === second.codec &&
    first.width === second.width &&
    first.height === second.height &&
    first.sampleRate === second.sampleRate &&
    first.channels === second.channels &&
    decoderOf(first) === decoderOf(second)
  );
}

/** What a decoder that was chosen by the first header may not be able to decode later. */
function decoderOf({ codec, config }: TrackFormat): number {
  switch (codec) {
    case 'h264': {
      const profile = config.readUInt8(1);
      return COMMON_AVC_PROFILES.includes(profile) ? 0 : profile;
    }
    case 'hevc':
      return config.readUInt8(1) & 0x1f;
    case 'av1':
      return (config.readUInt8(1) & 0xe0) | ((config.readUInt8(2) >> 2) & 0x1f);
    case 'aac':
      return config.readUInt8(0) >> 3;
  }
}

/** A keyframe with the parameters that it needs in it, since the file's own are those of an earlier header. */
export function withParameters({ codec, config }: TrackFormat, keyframe: Buffer): Buffer {
  switch (codec) {
    case 'h264': {
      const sets = parameterSetsOf(config, 0);
      return sets === undefined ? keyframe : withParameterSets(keyframe, 0, sets);
    }
    case 'hevc':
      return withHevcParameterSets(keyframe, config);
    case 'av1':
      return isSequenceHeader(keyframe)
        ? keyframe
        : Buffer.concat([config.subarray(CONFIG_FIELDS), keyframe]);
    case 'aac':
      return keyframe;
  }
}

function isSequenceHeader(obus: Buffer): boolean {
  return (((obus[0] ?? 0) >> 3) & 15) === 1;
}
