/** SPS NAL units made by x264, and sequence headers with them. */

export const SPS_720P30 = '6764001facd9405005bb0110000003001000000303c0f1831960';
export const SPS_1080P60 = '6764002aacd940780227e5c044000003000400000301e03c60c658';
export const SPS_MAIN_642 = '674d401eeca05217f1126022000007d20001d4c01e2c5b2c';

/** An AVCDecoderConfigurationRecord with one SPS and an empty list of PPS. */
export function avcConfigRecord(sps: Buffer): Buffer {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(sps.length);
  return Buffer.concat([Buffer.from([1, 100, 0, 31, 0xff, 0xe1]), length, sps, Buffer.from([0])]);
}

/** The body of an FLV tag with the sequence header. */
export function avcHeaderOf(spsHex: string): Buffer {
  return Buffer.concat([Buffer.from([0x17, 0, 0, 0, 0]), avcConfigRecord(Buffer.from(spsHex, 'hex'))]);
}
