import { AAC_FRAME, audioSpecificConfigOf } from './audio-payload.js';
import { silentAacFrame } from './silent-aac.js';

/** The contents of an AAC sequence header. */
export interface AacFormat {
  /** Duration of a frame, ms. */
  readonly frameMs: number;
  /** The FLV tag body of a silent frame of this stream; undefined if unknown: for anything but AAC-LC. */
  readonly silence: Buffer | undefined;
  /** Hz, and number of channels, of the core stream if SBR doubles the rate; undefined if it is not AAC. */
  readonly sampleRate?: number | undefined;
  readonly channels?: number | undefined;
}

const AAC_LC = 2;
/** The last of the types whose config contains the frame length: AAC Main, LC, SSR and LTP. */
const LAST_PLAIN_TYPE = 4;
/** Says that the type is in the following bits. */
const TYPE_ESCAPE = 31;
/** `dependsOnCoreCoder` and `extensionFlag` of GASpecificConfig, not set in usual AAC-LC streams. */
const UNUSUAL_FLAGS = 0b011;
const SAMPLE_RATES = [
  96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8_000, 7_350,
] as const;
/** Syncword of the extension that announces SBR, followed by the object type SBR (ISO/IEC 14496-3 1.6.5). */
const SBR_EXTENSION = (0x2b7 << 5) | 5;

/** Assumed for audio that is not AAC, or has no usable header. */
export const UNKNOWN_AUDIO: AacFormat = { frameMs: 1024 / 48, silence: undefined };

/**
 * Parses the AudioSpecificConfig in an audio sequence header.
 *
 * @see ISO/IEC 14496-3 1.6.2.1 and 4.4.1.
 */
export function parseAacHeader(header: Buffer): AacFormat {
  const config = audioSpecificConfigOf(header);
  if (config === undefined || config.length < 2) return UNKNOWN_AUDIO;
  const bits = config.readUInt16BE(0);
  const objectType = bits >> 11;
  const sampleRate = SAMPLE_RATES[(bits >> 7) & 0x0f];
  const channels = (bits >> 3) & 0x0f;
  if (sampleRate === undefined || objectType === TYPE_ESCAPE) return UNKNOWN_AUDIO;
  const samples = objectType <= LAST_PLAIN_TYPE && (bits & 0b100) !== 0 ? 960 : 1024;
  const plain = objectType === AAC_LC && (bits & UNUSUAL_FLAGS) === 0 && !announcesSbr(config);
  const frame = plain ? silentAacFrame(channels) : undefined;
  return {
    frameMs: (samples * 1000) / sampleRate,
    silence: frame && silentPayload(header, frame),
    sampleRate,
    channels,
  };
}

function announcesSbr(config: Buffer): boolean {
  return config.length >= 5 && config.readUInt16BE(2) === SBR_EXTENSION && (config.readUInt8(4) & 0x80) !== 0;
}

/** Uses the stream's own first byte: its rate and channels have no meaning for AAC, but differ between encoders. */
function silentPayload(header: Buffer, frame: Buffer): Buffer {
  return Buffer.concat([header.subarray(0, 1), Buffer.from([AAC_FRAME]), frame]);
}
