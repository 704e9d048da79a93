import { audioCodecOf } from '../audio-payload.js';
import { carrierOf, isExtraKind, type StreamTag } from '../stream-tag.js';
import { parseVideoPayload, videoCodecOf } from '../video-payload.js';

/** What a tag carries: a decoder's configuration, or a frame. */
export interface MediaPacket {
  /** Such as `h264`; undefined if unknown. */
  readonly codec: string | undefined;
  readonly isHeader: boolean;
  /** PTS − DTS, ms. */
  readonly compositionMs: number;
  /** Without FLV's headers. A view of the tag. */
  readonly data: Buffer;
}

const EX_VIDEO = 0x80;
const EX_AUDIO = 9;
const PacketType = { sequenceStart: 0, codedFrames: 1, codedFramesX: 3 } as const;
const FOUR_CC_BYTES = 4;
const COMPOSITION_BYTES = 3;
/** FLV's headers of H.264 and HEVC, and of AAC. */
const LEGACY_VIDEO_BYTES = 5;
const LEGACY_AUDIO_BYTES = 2;
/** The codecs whose coded frames carry a composition time. */
const COMPOSED: ReadonlySet<string> = new Set(['h264', 'hevc', 'vvc']);

/**
 * @returns undefined if there is nothing for a file in the tag
 * @see FLV specification 10.1 E.4, Enhanced RTMP v2
 */
export function readPacket(tag: StreamTag): MediaPacket | undefined {
  const { kind, payload } = tag;
  if (kind === 'metadata' || payload.length === 0) return undefined;
  if (isExtraKind(kind)) return readExtra(tag);
  return carrierOf(kind) === 'video' ? readVideo(payload) : readAudio(payload);
}

function readVideo(payload: Buffer): MediaPacket | undefined {
  const { kind, compositionMs } = parseVideoPayload(payload);
  if (kind === 'other') return undefined;
  const codec = videoCodecOf(payload);
  const first = payload.readUInt8(0);
  const isHeader = kind === 'header';
  const isComposed = codec !== undefined && COMPOSED.has(codec);
  if ((first & EX_VIDEO) === 0) {
    return isComposed
      ? { codec, isHeader, compositionMs, data: payload.subarray(LEGACY_VIDEO_BYTES) }
      : undefined;
  }
  const hasComposition = isComposed && (first & 0x0f) === PacketType.codedFrames;
  const at = 1 + FOUR_CC_BYTES + (hasComposition ? COMPOSITION_BYTES : 0);
  return { codec, isHeader, compositionMs, data: payload.subarray(at) };
}

function readAudio(payload: Buffer): MediaPacket | undefined {
  const codec = audioCodecOf(payload);
  const first = payload.readUInt8(0);
  const isEnhanced = first >> 4 === EX_AUDIO;
  if (!isEnhanced && codec !== 'aac') return undefined;
  const type = isEnhanced ? first & 0x0f : (payload[1] ?? 0);
  if (type !== PacketType.sequenceStart && type !== PacketType.codedFrames) return undefined;
  const at = isEnhanced ? 1 + FOUR_CC_BYTES : LEGACY_AUDIO_BYTES;
  return {
    codec,
    isHeader: type === PacketType.sequenceStart,
    compositionMs: 0,
    data: payload.subarray(at),
  };
}

/** A multitrack packet of one track: its header, the kind of track and packet, the FourCC, the track, the body. */
function readExtra({ kind, payload }: StreamTag): MediaPacket | undefined {
  const bodyAt = 2 + FOUR_CC_BYTES + 1;
  if (payload.length <= bodyAt) return undefined;
  const type = payload.readUInt8(1) & 0x0f;
  const fourCc = payload.subarray(2, 2 + FOUR_CC_BYTES);
  const isAudio = carrierOf(kind) === 'audio';
  const plain = Buffer.concat([Buffer.from([isAudio ? EX_AUDIO << 4 : EX_VIDEO]), fourCc]);
  const codec = isAudio ? audioCodecOf(plain) : videoCodecOf(plain);
  const isHeader = type === PacketType.sequenceStart;
  const hasComposition = type === PacketType.codedFrames && codec !== undefined && COMPOSED.has(codec);
  if (!hasComposition) return { codec, isHeader, compositionMs: 0, data: payload.subarray(bodyAt) };
  if (payload.length < bodyAt + COMPOSITION_BYTES) return undefined;
  const compositionMs = payload.readIntBE(bodyAt, COMPOSITION_BYTES);
  return { codec, isHeader, compositionMs, data: payload.subarray(bodyAt + COMPOSITION_BYTES) };
}
