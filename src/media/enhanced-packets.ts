/**
 * Enhanced RTMP's packets as those that every reader knows: of a packet with several tracks the first one (track 0), modifiers left out,
 * and H.264 and AAC under FLV's own headers, which servers without Enhanced RTMP take too.
 *
 * @see Enhanced RTMP v2 "Enhanced Audio", "Enhanced Video".
 */

const EX_VIDEO = 0x80;
const EX_AUDIO = 9;
const PacketType = { codedFrames: 1, codedFramesX: 3 } as const;
const MODIFIER = 7;
const MULTITRACK = { audio: 5, video: 6 } as const;
const MultitrackType = { oneTrack: 0, manyTracksManyCodecs: 2 } as const;
/** A size of 8 bits that says that one of 16 bits follows. */
const LONG_MODIFIER = 256;
const FIRST_TRACK = 0;
const AVC = 7;
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
  const types = payload[from];
  if (types === undefined) return undefined;
  const multitrackType = types >> 4;
  const type = types & 0x0f;
  const hasOwnCodecs = multitrackType === MultitrackType.manyTracksManyCodecs;
  let at = from + 1;
  const fourCcAt = (position: number) => payload.toString('latin1', position, position + FOUR_CC_BYTES);
  const common = hasOwnCodecs ? '' : fourCcAt(at);
  if (!hasOwnCodecs) at += FOUR_CC_BYTES;
  while (at < payload.length) {
    const fourCc = hasOwnCodecs ? fourCcAt(at) : common;
    if (hasOwnCodecs) at += FOUR_CC_BYTES;
    const track = payload[at];
    at += 1;
    let end = payload.length;
    if (multitrackType !== MultitrackType.oneTrack) {
      if (payload.length < at + 3) return undefined;
      end = at + 3 + payload.readUIntBE(at, 3);
      at += 3;
    }
    if (end > payload.length) return undefined;
    if (track === FIRST_TRACK) return { type, fourCc, body: payload.subarray(at, end), isPlain: false };
    at = end;
  }
  return undefined;
}

function exPacket(first: number, fourCc: string, body: Buffer): Buffer {
  return Buffer.concat([Buffer.from([first]), Buffer.from(fourCc, 'latin1'), body]);
}
