/** `other` is not needed by viewers: the end of a sequence, the channel layout. */
export type AudioPayloadKind = 'header' | 'frame' | 'other';

const FORMAT_EX_HEADER = 9;
const FORMAT_AAC = 10;
const AAC_SEQUENCE_HEADER = 0;
/** The second byte of a tag body with an AAC frame. */
export const AAC_FRAME = 1;
const ExPacketType = { sequenceStart: 0, codedFrames: 1 } as const;

/** Offset of the AudioSpecificConfig or the AAC frame after a legacy header. */
const AAC_DATA_OFFSET = 2;

/**
 * Classifies the body of an FLV audio tag.
 *
 * @see FLV specification 10.1 E.4.2, Enhanced RTMP v2 "Enhanced Audio".
 */
export function parseAudioPayload(payload: Buffer): AudioPayloadKind {
  if (payload.length < 2) return 'other';
  const first = payload.readUInt8(0);
  switch (first >> 4) {
    case FORMAT_AAC:
      return payload.readUInt8(1) === AAC_SEQUENCE_HEADER ? 'header' : 'frame';
    case FORMAT_EX_HEADER:
      return parseExPacketType(first & 0x0f);
    default:
      return 'frame';
  }
}

/** The AudioSpecificConfig of a legacy AAC sequence header; undefined for any other body. */
export function audioSpecificConfigOf(header: Buffer): Buffer | undefined {
  const aac = header.length > AAC_DATA_OFFSET && header.readUInt8(0) >> 4 === FORMAT_AAC;
  return aac && header.readUInt8(1) === AAC_SEQUENCE_HEADER ? header.subarray(AAC_DATA_OFFSET) : undefined;
}

const LEGACY_CODECS: ReadonlyMap<number, string> = new Map([
  [0, 'pcm'],
  [1, 'adpcm'],
  [2, 'mp3'],
  [3, 'pcm'],
  [FORMAT_AAC, 'aac'],
  [11, 'speex'],
  [14, 'mp3'],
]);
const FOUR_CC_CODECS: ReadonlyMap<string, string> = new Map([
  ['mp4a', 'aac'],
  ['Opus', 'opus'],
  ['.mp3', 'mp3'],
  ['fLaC', 'flac'],
  ['ac-3', 'ac3'],
  ['ec-3', 'eac3'],
]);

/** The codec of an audio tag's body, such as `aac`; undefined if unknown. */
export function audioCodecOf(payload: Buffer): string | undefined {
  if (payload.length < 2) return undefined;
  const format = payload.readUInt8(0) >> 4;
  return format === FORMAT_EX_HEADER
    ? FOUR_CC_CODECS.get(payload.toString('latin1', 1, 5))
    : LEGACY_CODECS.get(format);
}

function parseExPacketType(packetType: number): AudioPayloadKind {
  if (packetType === ExPacketType.sequenceStart) return 'header';
  return packetType === ExPacketType.codedFrames ? 'frame' : 'other';
}
