/**
 * Enhanced RTMP's packets as those that every reader knows: of a packet with several tracks the first one (track 0), modifiers left out,
 * and H.264 and AAC under FLV's own headers, which servers without Enhanced RTMP take too. The further tracks each in a packet of its own, as
 * OBS sends them.
 *
 * @see Enhanced RTMP v2 "Enhanced Audio", "Enhanced Video".
 */

import { type ExtraTagKind, isExtraHeader, type StreamTag } from './stream-tag.js';
import { isLegacyAvc } from './video-payload.js';

const EX_VIDEO = 0x80;
const EX_AUDIO = 9;
const PacketType = { sequenceStart: 0, codedFrames: 1, sequenceEnd: 2, codedFramesX: 3 } as const;
const FRAME_TYPE_KEY = 1;
const FRAME_TYPE_COMMAND = 5;
const MODIFIER = 7;
const MULTITRACK = { audio: 5, video: 6 } as const;
const MultitrackType = { oneTrack: 0, manyTracksManyCodecs: 2 } as const;
/** A size of 8 bits that says that one of 16 bits follows. */
const LONG_MODIFIER = 256;
const FIRST_TRACK = 0;
/** A track's number is a byte: a packet with more tracks has one twice. */
const MAX_TRACKS = 256;
/** Highest number of a track that is passed on. Each one's header is kept. */
export const MAX_TRACK = 15;
/** Largest sequence header of a further track, bytes. */
export const MAX_HEADER_BYTES = 64 << 10;
const AVC = 7;
/** Where FLV's own packet of H.264 has its composition time, and what follows that. */
const AVC_COMPOSITION = 2;
const AVC_BODY = 5;
/** AAC; the other bits say 44.1 kHz, 16 bit, stereo for every AAC stream (FLV specification 10.1 E.4.2.1). */
const AAC_BYTE = 0xaf;
const FOUR_CC_BYTES = 4;
const NOTHING = Buffer.alloc(0);

/** The body of an FLV video tag; an empty one where the packet has nothing of the first track, or is cut off. */
export function ordinaryVideo(payload: Buffer): Buffer {
  const first = payload[0] ?? 0;
  if ((first & EX_VIDEO) === 0) return payload;
  const packet = readPacket(payload, MULTITRACK.video);
  if (packet === undefined) return NOTHING;
  const { type, fourCc, body, isPlain } = packet;
  const frameType = (first >> 4) & 0x07;
  if (fourCc === 'avc1' && type <= PacketType.codedFramesX) {
    const legacyType = type === PacketType.codedFramesX ? PacketType.codedFrames : type;
    const composition = type === PacketType.codedFrames ? NOTHING : Buffer.alloc(3);
    return Buffer.concat([Buffer.from([(frameType << 4) | AVC, legacyType]), composition, body]);
  }
  return isPlain ? payload : exPacket(EX_VIDEO | (frameType << 4) | type, fourCc, body);
}

/** The body of an FLV audio tag; likewise. */
export function ordinaryAudio(payload: Buffer): Buffer {
  if ((payload[0] ?? 0) >> 4 !== EX_AUDIO) return payload;
  const packet = readPacket(payload, MULTITRACK.audio);
  if (packet === undefined) return NOTHING;
  const { type, fourCc, body, isPlain } = packet;
  if (fourCc === 'mp4a' && type <= PacketType.codedFrames) {
    return Buffer.concat([Buffer.from([AAC_BYTE, type]), body]);
  }
  return isPlain ? payload : exPacket((EX_AUDIO << 4) | type, fourCc, body);
}

/** A packet of a further track, as a multitrack packet of this track alone. */
export interface ExtraPacket {
  readonly kind: ExtraTagKind;
  /** From 1 to {@link MAX_TRACK}. */
  readonly track: number;
  readonly payload: Buffer;
}

/**
 * The further tracks' packets in the body of an FLV video tag, copied; none where it is not a multitrack packet. Left out are a track beyond
 * {@link MAX_TRACK}, an empty packet, a header above {@link MAX_HEADER_BYTES}, and what viewers do not need.
 */
export function extraVideo(payload: Buffer): ExtraPacket[] {
  const first = payload[0] ?? 0;
  if ((first & EX_VIDEO) === 0) return [];
  const frameType = (first >> 4) & 0x07;
  return extraPackets(payload, EX_VIDEO | (frameType << 4) | MULTITRACK.video, MULTITRACK.video, (type) => {
    if (frameType === FRAME_TYPE_COMMAND || type === PacketType.sequenceEnd) return undefined;
    if (type > PacketType.codedFramesX) return undefined;
    if (type === PacketType.sequenceStart) return 'extra-video-header';
    return frameType === FRAME_TYPE_KEY ? 'extra-keyframe' : 'extra-interframe';
  });
}

/** Likewise in the body of an FLV audio tag. */
export function extraAudio(payload: Buffer): ExtraPacket[] {
  if ((payload[0] ?? 0) >> 4 !== EX_AUDIO) return [];
  return extraPackets(payload, (EX_AUDIO << 4) | MULTITRACK.audio, MULTITRACK.audio, (type) => {
    if (type === PacketType.sequenceStart) return 'extra-audio-header';
    return type === PacketType.codedFrames ? 'extra-audio' : undefined;
  });
}

/**
 * A tag of an ordinary stream as one of a further track, in a multitrack packet of that track alone. Undefined where the tag is not of H.264: of sound and
 * metadata too.
 */
export function asExtraTrack(
  { kind, timestampMs, payload, readAtMs }: StreamTag,
  track: number,
): StreamTag | undefined {
  const extra = EXTRA_KIND_OF[kind];
  if (extra === undefined || !isLegacyAvc(payload)) return undefined;
  const [first = 0, type = 0] = payload;
  if (type > PacketType.codedFrames) return undefined;
  const frameType = first >> 4;
  const head = [
    EX_VIDEO | (frameType << 4) | MULTITRACK.video,
    (MultitrackType.oneTrack << 4) | type,
    ...Buffer.from('avc1', 'latin1'),
    track,
  ];
  // The composition time is where it was; a header has none.
  const body = payload.subarray(type === PacketType.sequenceStart ? AVC_BODY : AVC_COMPOSITION);
  return { kind: extra, track, timestampMs, payload: Buffer.concat([Buffer.from(head), body]), readAtMs };
}

const EXTRA_KIND_OF: { readonly [Kind in StreamTag['kind']]?: ExtraTagKind } = {
  'video-header': 'extra-video-header',
  keyframe: 'extra-keyframe',
  interframe: 'extra-interframe',
  disposable: 'extra-interframe',
};

/** AAC under FLV's own header as a packet of a further track: the reverse of {@link ordinaryAudio}. */
export function extraAac(track: number, payload: Buffer): Buffer {
  const type = payload[1] === 0 ? PacketType.sequenceStart : PacketType.codedFrames;
  const header = [(EX_AUDIO << 4) | MULTITRACK.audio, (MultitrackType.oneTrack << 4) | type];
  return Buffer.concat([
    Buffer.from([...header, ...Buffer.from('mp4a', 'latin1'), track]),
    payload.subarray(2),
  ]);
}

/** The reverse of {@link extraAac}; empty if it is not AAC. */
export function plainAac(payload: Buffer): Buffer {
  const bodyAt = 2 + FOUR_CC_BYTES + 1;
  if (payload.toString('latin1', 2, 2 + FOUR_CC_BYTES) !== 'mp4a') return Buffer.alloc(0);
  const type = (payload[1] ?? 0) & 0x0f;
  return Buffer.concat([Buffer.from([AAC_BYTE, type]), payload.subarray(bodyAt)]);
}

function extraPackets(
  payload: Buffer,
  first: number,
  multitrack: number,
  kindOf: (type: number) => ExtraTagKind | undefined,
): ExtraPacket[] {
  const start = afterModifiers(payload);
  if (start?.type !== multitrack) return [];
  const packets: ExtraPacket[] = [];
  for (const { track, type, fourCc, body } of tracksOf(payload, start.at)) {
    const kind = kindOf(type);
    if (kind === undefined || track === FIRST_TRACK || track > MAX_TRACK || body.length === 0) continue;
    if (isExtraHeader({ kind }) && body.length > MAX_HEADER_BYTES) continue;
    const header = [first, (MultitrackType.oneTrack << 4) | type, ...Buffer.from(fourCc, 'latin1'), track];
    packets.push({ kind, track, payload: Buffer.concat([Buffer.from(header), body]) });
  }
  return packets;
}

interface Packet {
  readonly type: number;
  readonly fourCc: string;
  readonly body: Buffer;
  /** Whether it has neither tracks nor modifiers. */
  readonly isPlain: boolean;
}

function readPacket(payload: Buffer, multitrack: number): Packet | undefined {
  const start = afterModifiers(payload);
  if (start === undefined) return undefined;
  const { type, at } = start;
  if (type === multitrack) return firstTrack(payload, at);
  if (payload.length < at + FOUR_CC_BYTES) return undefined;
  const fourCc = payload.toString('latin1', at, at + FOUR_CC_BYTES);
  return { type, fourCc, body: payload.subarray(at + FOUR_CC_BYTES), isPlain: at === 1 };
}

/** The packet's type, and where what follows the header and its modifiers begins. */
function afterModifiers(payload: Buffer): { readonly type: number; readonly at: number } | undefined {
  let type = (payload[0] ?? 0) & 0x0f;
  let at = 1;
  while (type === MODIFIER) {
    if (payload.length < at + 3) return undefined;
    let size = payload.readUInt8(at) + 1;
    at += 1;
    if (size === LONG_MODIFIER) {
      size = payload.readUInt16BE(at) + 1;
      at += 2;
    }
    at += size;
    const next = payload[at];
    if (next === undefined) return undefined;
    type = next & 0x0f;
    at += 1;
  }
  return { type, at };
}

function firstTrack(payload: Buffer, from: number): Packet | undefined {
  for (const { track, ...packet } of tracksOf(payload, from)) {
    if (track === FIRST_TRACK) return { ...packet, isPlain: false };
  }
  return undefined;
}

interface TrackPacket extends Omit<Packet, 'isPlain'> {
  readonly track: number;
}

/** The tracks of a multitrack packet, up to the first one that is cut off. */
function* tracksOf(payload: Buffer, from: number): Iterable<TrackPacket> {
  const types = payload[from];
  if (types === undefined) return;
  const multitrackType = types >> 4;
  const type = types & 0x0f;
  const hasOwnCodecs = multitrackType === MultitrackType.manyTracksManyCodecs;
  let at = from + 1;
  const fourCcAt = (position: number) => payload.toString('latin1', position, position + FOUR_CC_BYTES);
  const common = hasOwnCodecs ? '' : fourCcAt(at);
  if (!hasOwnCodecs) at += FOUR_CC_BYTES;
  for (let count = 0; count < MAX_TRACKS && at < payload.length; count++) {
    const fourCc = hasOwnCodecs ? fourCcAt(at) : common;
    if (hasOwnCodecs) at += FOUR_CC_BYTES;
    const track = payload[at];
    if (track === undefined) return;
    at += 1;
    let end = payload.length;
    if (multitrackType !== MultitrackType.oneTrack) {
      if (payload.length < at + 3) return;
      end = at + 3 + payload.readUIntBE(at, 3);
      at += 3;
    }
    if (end > payload.length) return;
    yield { track, type, fourCc, body: payload.subarray(at, end) };
    at = end;
  }
}

function exPacket(first: number, fourCc: string, body: Buffer): Buffer {
  return Buffer.concat([Buffer.from([first]), Buffer.from(fourCc, 'latin1'), body]);
}
