import { isDisposable } from './avc.js';
import { isDisposableHevc } from './hevc.js';

/** `other` is not needed by viewers: the end of a sequence, seek commands, colour space metadata. */
export type VideoPayloadKind = 'header' | 'keyframe' | 'interframe' | 'disposable' | 'other';

export interface VideoPayload {
  readonly kind: VideoPayloadKind;
  /** PTS − DTS, ms. */
  readonly compositionMs: number;
}

const FRAME_TYPE_KEY = 1;
const FRAME_TYPE_INTER = 2;
const FRAME_TYPE_DISPOSABLE = 3;
const FRAME_TYPE_COMMAND = 5;
const CODEC_AVC = 7;
/** HEVC with the legacy header, as written by some ffmpeg builds. */
const CODEC_HEVC = 12;
/** Offset of the access unit after a legacy AVC header. */
export const AVC_DATA_OFFSET = 5;

const AvcPacketType = { sequenceHeader: 0, nalUnits: 1 } as const;
const ExPacketType = { sequenceStart: 0, codedFrames: 1, codedFramesX: 3 } as const;
const EX_HEADER = 0x80;
/** FourCCs whose `codedFrames` carry a composition time. */
const COMPOSED_FOUR_CCS: ReadonlySet<string> = new Set(['avc1', 'hvc1', 'vvc1']);
/** Where that is, and its size. */
const EX_COMPOSITION = { at: 5, bytes: 3 } as const;

const FRAME_KINDS: ReadonlySet<VideoPayloadKind> = new Set(['keyframe', 'interframe', 'disposable']);
const OTHER: VideoPayload = { kind: 'other', compositionMs: 0 };
const HEADER: VideoPayload = { kind: 'header', compositionMs: 0 };

/**
 * Classifies the body of an FLV video tag.
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

/** FLV's codec ids (FLV specification 10.1 E.4.3.1) and Enhanced RTMP's FourCCs, by common names. */
const LEGACY_CODECS: ReadonlyMap<number, string> = new Map([
  [2, 'h263'],
  [4, 'vp6'],
  [5, 'vp6'],
  [CODEC_AVC, 'h264'],
  [CODEC_HEVC, 'hevc'],
]);
const FOUR_CC_CODECS: ReadonlyMap<string, string> = new Map([
  ['avc1', 'h264'],
  ['hvc1', 'hevc'],
  ['vvc1', 'vvc'],
  ['av01', 'av1'],
  ['vp08', 'vp8'],
  ['vp09', 'vp9'],
]);

/** Such as `hevc` for `hvc1`; undefined if unknown. */
export function codecOfFourCc(fourCc: string): string | undefined {
  return FOUR_CC_CODECS.get(fourCc);
}

/** The codec of a video tag's body, such as `h264`; undefined if unknown. */
export function videoCodecOf(payload: Buffer): string | undefined {
  if (payload.length < AVC_DATA_OFFSET) return undefined;
  return isEnhanced(payload)
    ? FOUR_CC_CODECS.get(payload.toString('latin1', 1, 5))
    : LEGACY_CODECS.get(payload.readUInt8(0) & 0x0f);
}

/** The AVCDecoderConfigurationRecord of an H.264 sequence header, legacy or enhanced; undefined for any other body. */
export function avcConfigOf(header: Buffer): Buffer | undefined {
  const isHeader = parseVideoPayload(header).kind === 'header' && videoCodecOf(header) === 'h264';
  return isHeader ? header.subarray(AVC_DATA_OFFSET) : undefined;
}

/** The codec of a frame, and where its access unit begins in the tag's body; undefined for any other body, and for unknown codecs. */
export function accessUnitOf(
  payload: Buffer,
): { readonly codec: string; readonly start: number } | undefined {
  const codec = videoCodecOf(payload);
  if (codec === undefined || !FRAME_KINDS.has(parseVideoPayload(payload).kind)) return undefined;
  const start =
    isEnhanced(payload) && isComposed(payload) ? EX_COMPOSITION.at + EX_COMPOSITION.bytes : AVC_DATA_OFFSET;
  return { codec, start };
}

/** A copy of the body with another composition time, ms; the body itself if it carries none. */
export function withCompositionTime(payload: Buffer, compositionMs: number): Buffer {
  if (isEnhanced(payload) && !isComposed(payload)) return payload;
  const copy = Buffer.from(payload);
  copy.writeIntBE(compositionMs, isEnhanced(payload) ? EX_COMPOSITION.at : 2, EX_COMPOSITION.bytes);
  return copy;
}

/** The body of a tag with what a decoder is configured with, for a codec that has no other header in FLV. */
export function enhancedHeader(fourCc: string, config: Buffer): Buffer {
  return exPayload(fourCc, FRAME_TYPE_KEY, ExPacketType.sequenceStart, config);
}

/** The body of a tag with a frame of such a codec, and a composition time, ms, where the codec has one. */
export function enhancedFrame(
  fourCc: string,
  isKeyframe: boolean,
  compositionMs: number,
  frame: Buffer,
): Buffer {
  const composition = Buffer.alloc(COMPOSED_FOUR_CCS.has(fourCc) ? EX_COMPOSITION.bytes : 0);
  if (composition.length > 0) composition.writeIntBE(compositionMs, 0, EX_COMPOSITION.bytes);
  const frameType = isKeyframe ? FRAME_TYPE_KEY : FRAME_TYPE_INTER;
  return exPayload(fourCc, frameType, ExPacketType.codedFrames, composition, frame);
}

function exPayload(fourCc: string, frameType: number, packetType: number, ...parts: Buffer[]): Buffer {
  const first = EX_HEADER | (frameType << 4) | packetType;
  return Buffer.concat([Buffer.from([first]), Buffer.from(fourCc, 'latin1'), ...parts]);
}

function isEnhanced(payload: Buffer): boolean {
  return (payload.readUInt8(0) & EX_HEADER) !== 0;
}

/** Of an enhanced body. */
function isComposed(payload: Buffer): boolean {
  return (
    (payload.readUInt8(0) & 0x0f) === ExPacketType.codedFrames &&
    payload.length >= EX_COMPOSITION.at + EX_COMPOSITION.bytes &&
    COMPOSED_FOUR_CCS.has(payload.toString('latin1', 1, 5))
  );
}

function parseLegacy(payload: Buffer): VideoPayload {
  const frameType = payload.readUInt8(0) >> 4;
  const codec = payload.readUInt8(0) & 0x0f;
  if (frameType === FRAME_TYPE_COMMAND) return OTHER;
  if (codec !== CODEC_AVC && codec !== CODEC_HEVC) return { kind: frameKind(frameType), compositionMs: 0 };
  const packetType = payload.readUInt8(1);
  if (packetType === AvcPacketType.sequenceHeader) return HEADER;
  if (packetType !== AvcPacketType.nalUnits) return OTHER;
  const kind = frameKind(frameType);
  const disposable = kind === 'interframe' && codec === CODEC_AVC && isDisposable(payload, AVC_DATA_OFFSET);
  return { kind: disposable ? 'disposable' : kind, compositionMs: payload.readIntBE(2, 3) };
}

function parseEnhanced(payload: Buffer): VideoPayload {
  const frameType = (payload.readUInt8(0) >> 4) & 0x07;
  const packetType = payload.readUInt8(0) & 0x0f;
  if (frameType === FRAME_TYPE_COMMAND) return OTHER;
  if (packetType === ExPacketType.sequenceStart) return HEADER;
  if (packetType !== ExPacketType.codedFrames && packetType !== ExPacketType.codedFramesX) return OTHER;
  const composed = isComposed(payload);
  const frameAt = EX_COMPOSITION.at + (composed ? EX_COMPOSITION.bytes : 0);
  const kind = frameKind(frameType);
  const disposable =
    kind === 'interframe' &&
    payload.toString('latin1', 1, 5) === 'hvc1' &&
    isDisposableHevc(payload, frameAt);
  return {
    kind: disposable ? 'disposable' : kind,
    compositionMs: composed ? payload.readIntBE(EX_COMPOSITION.at, EX_COMPOSITION.bytes) : 0,
  };
}

function frameKind(frameType: number): 'keyframe' | 'interframe' | 'disposable' {
  if (frameType === FRAME_TYPE_KEY) return 'keyframe';
  return frameType === FRAME_TYPE_DISPOSABLE ? 'disposable' : 'interframe';
}
