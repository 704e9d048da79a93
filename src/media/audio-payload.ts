/** `other` is what no viewer needs: the end of a sequence, the layout of channels. */
export type AudioPayloadKind = 'header' | 'frame' | 'other';

const FORMAT_EX_HEADER = 9;
const FORMAT_AAC = 10;
const AAC_SEQUENCE_HEADER = 0;
/** The second byte of a tag body that holds an AAC frame. */
export const AAC_FRAME = 1;
const ExPacketType = { sequenceStart: 0, codedFrames: 1 } as const;

/** Where the AudioSpecificConfig or the AAC frame begins behind a legacy header. */
const AAC_DATA_OFFSET = 2;

/**
 * What the body of an FLV audio tag is.
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

function parseExPacketType(packetType: number): AudioPayloadKind {
  if (packetType === ExPacketType.sequenceStart) return 'header';
  return packetType === ExPacketType.codedFrames ? 'frame' : 'other';
}
