/** Where a frame of Enhanced RTMP begins: after its first byte and its FourCC, and after HEVC's composition time. */
const HEADER_END = 5;
const HEVC_FRAME = HEADER_END + 3;
const PACKET_TYPE = 0x0f;
const SEQUENCE_START = 0;
const CODED_FRAMES = 1;
const START_CODE = Buffer.from([0, 0, 0, 1]);
const TEMPORAL_DELIMITER = Buffer.from([0x12, 0]);
/** Where an HEVCDecoderConfigurationRecord has the number of its arrays (ISO/IEC 14496-15 8.3.3.1). */
const ARRAYS_AT = 22;
/** An AV1CodecConfigurationRecord's fields before its OBUs. */
const AV1_FIELDS = 4;

/**
 * The frames of a stream of Enhanced RTMP as a file that ffmpeg reads, of any version: `.hevc` with start codes, `.obu` with temporal
 * delimiters. The header's parameter sets come first, so that a wrong header shows.
 *
 * @param payloads bodies of video messages, from the header on
 */
export function elementaryStream(codec: 'hevc' | 'av1', payloads: readonly Buffer[]): Buffer {
  const typeOf = (payload: Buffer) => (payload[0] ?? 0) & PACKET_TYPE;
  // A sequence header is in the temporal unit of the frame after it.
  let begun = false;
  const temporalUnit = (obus: Buffer, ends: boolean) => {
    const unit = begun ? [obus] : [TEMPORAL_DELIMITER, obus];
    begun = !ends;
    return unit;
  };
  return Buffer.concat(
    payloads.flatMap((payload) => {
      const isHevc = codec === 'hevc';
      switch (typeOf(payload)) {
        case SEQUENCE_START: {
          const config = payload.subarray(HEADER_END);
          return isHevc ? parameterSets(config) : temporalUnit(config.subarray(AV1_FIELDS), false);
        }
        case CODED_FRAMES:
          return isHevc
            ? nalUnits(payload.subarray(HEVC_FRAME))
            : temporalUnit(payload.subarray(HEADER_END), true);
        default:
          throw new Error(`a packet of the type ${typeOf(payload)}`);
      }
    }),
  );
}

function nalUnits(frame: Buffer): Buffer[] {
  const units: Buffer[] = [];
  for (let at = 0; at < frame.length; ) {
    const length = frame.readUInt32BE(at);
    if (at + 4 + length > frame.length) throw new Error('a NAL unit is longer than its frame');
    units.push(START_CODE, frame.subarray(at + 4, at + 4 + length));
    at += 4 + length;
  }
  return units;
}

function parameterSets(config: Buffer): Buffer[] {
  const sets: Buffer[] = [];
  let at = ARRAYS_AT + 1;
  for (let array = 0; array < config.readUInt8(ARRAYS_AT); array++) {
    const count = config.readUInt16BE(at + 1);
    at += 3;
    for (let set = 0; set < count; set++) {
      const length = config.readUInt16BE(at);
      sets.push(START_CODE, config.subarray(at + 2, at + 2 + length));
      at += 2 + length;
    }
  }
  return sets;
}
