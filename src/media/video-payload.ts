import { isDisposable } from './avc.js';

/** `other` is what no viewer needs: the end of a sequence, seek commands, metadata of a colour space. */
export type VideoPayloadKind = 'header' | 'keyframe' | 'interframe' | 'disposable' | 'other';

export interface VideoPayload {
  readonly kind: VideoPayloadKind;
  /** PTS − DTS, ms. */
  readonly compositionMs: number;
}

const FRAME_TYPE_KEY = 1;
const FRAME_TYPE_DISPOSABLE = 3;
const FRAME_TYPE_COMMAND = 5;
const CODEC_AVC = 7;
/** HEVC under the legacy header, as some ffmpeg builds write it. */
const CODEC_HEVC = 12;
/** Where the access unit begins behind a legacy AVC header. */
export const AVC_DATA_OFFSET = 5;

const AvcPacketType = { sequenceHeader: 0, nalUnits: 1 } as const;
const ExPacketType = { sequenceStart: 0, codedFrames: 1, codedFramesX: 3 } as const;
/** FourCCs whose `codedFrames` carry a composition time. */
const COMPOSED_FOUR_CCS: ReadonlySet<string> = new Set(['avc1', 'hvc1', 'vvc1']);

const OTHER: VideoPayload = { kind: 'other', compositionMs: 0 };
const HEADER: VideoPayload = { kind: 'header', compositionMs: 0 };

/**
 * What the body of an FLV video tag is.
 *
 * @see FLV specification 10.1 E.4.3, Enhanced RTMP v2 "Enhanced Video".
 */
export function parseVideoPayload(payload: Buffer): VideoPayload {
  if (payload.length < AVC_DATA_OFFSET) return OTHER;
  return isEnhanced(payload) ? parseEnhanced(payload) : parseLegacy(payload);
}

/** Whether its access unit begins at {@link AVC_DATA_OFFSET}, as H.264 NAL units. */
export function isLegacyAvc(payload: Buffer): boolean {
  return (
    payload.length > AVC_DATA_OFFSET && !isEnhanced(payload) && (payload.readUInt8(0) & 0x0f) === CODEC_AVC
  );
}

/** A copy of the body with another composition time, ms, for a body that has one. */
export function withCompositionTime(payload: Buffer, compositionMs: number): Buffer {
  const copy = Buffer.from(payload);
  copy.writeIntBE(compositionMs, isEnhanced(payload) ? 5 : 2, 3);
  return copy;
}

function isEnhanced(payload: Buffer): boolean {
  return (payload.readUInt8(0) & 0x80) !== 0;
}

function parseLegacy(payload: Buffer): VideoPayload {
  const frameType = payload.readUInt8(0) >> 4;
  const codec = payload.readUInt8(0) & 0x0f;
  if (frameType === FRAME_TYPE_COMMAND) return OTHER;
  if (codec !== CODEC_AVC && codec !== CODEC_HEVC) return { kind: pictureKind(frameType), compositionMs: 0 };
  const packetType = payload.readUInt8(1);
  if (packetType === AvcPacketType.sequenceHeader) return HEADER;
  if (packetType !== AvcPacketType.nalUnits) return OTHER;
  const kind = pictureKind(frameType);
  const disposable = kind === 'interframe' && codec === CODEC_AVC && isDisposable(payload, AVC_DATA_OFFSET);
  return { kind: disposable ? 'disposable' : kind, compositionMs: payload.readIntBE(2, 3) };
}

function parseEnhanced(payload: Buffer): VideoPayload {
  const frameType = (payload.readUInt8(0) >> 4) & 0x07;
  const packetType = payload.readUInt8(0) & 0x0f;
  if (frameType === FRAME_TYPE_COMMAND) return OTHER;
  if (packetType === ExPacketType.sequenceStart) return HEADER;
  if (packetType !== ExPacketType.codedFrames && packetType !== ExPacketType.codedFramesX) return OTHER;
  const composed =
    packetType === ExPacketType.codedFrames &&
    payload.length >= 8 &&
    COMPOSED_FOUR_CCS.has(payload.toString('latin1', 1, 5));
  return { kind: pictureKind(frameType), compositionMs: composed ? payload.readIntBE(5, 3) : 0 };
}

function pictureKind(frameType: number): 'keyframe' | 'interframe' | 'disposable' {
  if (frameType === FRAME_TYPE_KEY) return 'keyframe';
  return frameType === FRAME_TYPE_DISPOSABLE ? 'disposable' : 'interframe';
}
